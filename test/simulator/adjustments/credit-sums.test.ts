import fc from 'fast-check';
import type Stripe from 'stripe';
import { beforeAll, expect, test } from 'vitest';
import { type Simulated, simulated } from '../invoicing/simulated.ts';
import { newCustomer } from './credited.ts';

const seed = Number(process.env.TEST_SEED ?? 20_261_028);

let sim: Simulated;

beforeAll(async () => {
  sim = await simulated();
});

interface Course {
  amount: number;
  tax: number;
  inclusive: boolean;
}

const course: fc.Arbitrary<Course> = fc
  .record({
    amount: fc.integer({ min: 3, max: 99_999 }),
    percent: fc.integer({ min: 0, max: 30 }),
    inclusive: fc.boolean(),
  })
  .map(({ amount, percent, inclusive }) => ({ amount, tax: Math.floor((amount * percent) / 100), inclusive }));

async function invoiceOf(courses: readonly Course[]): Promise<Stripe.Invoice> {
  const { stripe } = sim;
  const { id } = await stripe.invoices.create({ customer: await newCustomer(sim), currency: 'eur' });
  await stripe.invoices.addLines(id, {
    lines: courses.map(({ amount, tax, inclusive }) => ({
      amount,
      tax_amounts: [
        { amount: tax, taxable_amount: amount, tax_rate_data: { display_name: 'VAT', percentage: 19, inclusive } },
      ],
    })),
  });
  return stripe.invoices.pay(id, { paid_out_of_band: true });
}

test(`credited piece by piece, an invoice comes back to the unit, tax and all (seed ${seed})`, async () => {
  const cuts = fc.array(fc.double({ min: 0.05, max: 0.9, noNaN: true }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(course, { minLength: 1, maxLength: 3 }), cuts, async (courses, fractions) => {
      const invoice = await invoiceOf(courses);
      const rests = invoice.lines.data.map(({ id }, index) => {
        const { amount = 0, tax = 0, inclusive = false } = courses[index] ?? {};
        return { id, left: amount + (inclusive ? 0 : tax) };
      });
      const notes: Stripe.CreditNote[] = [];
      for (const fraction of [...fractions, 1]) {
        const pieces = rests
          .map((rest) => ({ rest, piece: Math.ceil(rest.left * fraction) }))
          .filter(({ piece }) => piece > 0);
        if (pieces.length === 0) break;
        const total = pieces.reduce((sum, { piece }) => sum + piece, 0);
        const note = await sim.stripe.creditNotes.create({
          invoice: invoice.id,
          lines: pieces.map(({ rest, piece }) => ({
            type: 'invoice_line_item',
            invoice_line_item: rest.id,
            amount: piece,
          })),
          out_of_band_amount: total,
        });
        expect(note.total).toBe(total);
        notes.push(note);
        for (const { rest, piece } of pieces) rest.left -= piece;
      }
      const sum = (of: (note: Stripe.CreditNote) => number): number => notes.reduce((all, note) => all + of(note), 0);
      expect(sum(({ total }) => total)).toBe(invoice.total);
      expect(sum(({ subtotal }) => subtotal)).toBe(invoice.subtotal);
      expect(sum(({ total_excluding_tax: net }) => net ?? 0)).toBe(invoice.total_excluding_tax);
    }),
    { seed, numRuns: 40 },
  );
});
