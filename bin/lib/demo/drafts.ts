import { learner } from './purchase.ts';

/** Two invoices of a studio, as /v1/invoices takes them: one is paid by the demo, the other by whoever tries it. */
const frame = { description: 'Oak frame', unit_amount: 3_500, tax_percent: '19', optional: true };
const dueDate = new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10);

export const forAda = {
  customer_name: learner.name,
  customer_email: learner.email,
  customer_address: 'Lindenweg 4\n10827 Berlin',
  currency: 'eur',
  due_date: dueDate,
  notes: 'Thank you!',
  lines: [{ description: 'Portrait in watercolour, 40 × 50 cm', unit_amount: 24_000, tax_percent: '19' }, frame],
};

export const forGrace = {
  customer_name: 'Grace Example',
  customer_email: 'grace@example.com',
  customer_address: '12 Harbour Street\nBristol BS1 5TX\nUnited Kingdom',
  currency: 'eur',
  due_date: dueDate,
  notes: 'The payment page has cards that are declined, too: try one before the card that works.',
  lines: [
    { description: 'Evening course “Clouds and water”', unit_amount: 19_200, tax_percent: '19' },
    { description: 'Paper, rough, 300 g', quantity: 8, unit_amount: 450, tax_percent: '19' },
    frame,
  ],
};
