import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { expectBooksBalance } from '../../support/books-balance.ts';
import { untilSettled } from '../../support/one-invoice.ts';
import { buy, item } from '../../support/purchases.ts';
import { claimOf, openReviews } from '../../support/records.ts';
import { startStory } from '../../support/story.ts';
import { refund, settledDown, untilDecided } from '../../support/taken-back.ts';

/** The note says what was credited: lines, taxes, in every currency, to the minor unit; over all notes exactly the invoice. */
const story = await startStory();
const { side, records } = story;
const { stripe } = side;

const rate = async (percentage: number, inclusive = false) =>
  (await stripe.taxRates.create({ display_name: 'VAT', percentage, inclusive, country: 'DE' })).id;
const [exclusive19, exclusive7, inclusive19, doubling] = await Promise.all([
  rate(19),
  rate(7),
  rate(19, true),
  rate(100),
]);
const tenOff = (await stripe.coupons.create({ percent_off: 10, duration: 'once' })).id;

const inCurrency = (currency: string, unit: number) =>
  item('A course', unit, { price_data: { currency, unit_amount: unit, product_data: { name: 'A course' } } });

const paid: string[] = [];

async function bought(checkout: Parameters<typeof buy>[1]) {
  const payment = await buy(side, checkout);
  paid.push(payment);
  await untilSettled(records, [payment]);
  const { stripe_invoice: id } = await claimOf(records, payment);
  return { payment, invoice: await stripe.invoices.retrieve(id ?? '') };
}

/** Refunds these parts one after the other, each with its note before the next. @returns the notes with all their lines */
async function creditedBy(
  payment: string,
  amounts: readonly (number | undefined)[],
): Promise<Stripe.CreditNoteLineItem[][]> {
  const lines: Stripe.CreditNoteLineItem[][] = [];
  for (const amount of amounts) {
    const re = await refund(side, payment, amount === undefined ? {} : { amount });
    await untilDecided(records, re, 'note');
    await settledDown(story);
    const { id } = await records.row<{ id: string }>(
      'select stripe_credit_note as id from credit_notes where adjustment = $1',
      [re],
    );
    lines.push(await stripe.creditNotes.listLineItems(id, { limit: 100 }).autoPagingToArray({ limit: 1_000 }));
  }
  return lines;
}

const purchases: Record<string, Parameters<typeof buy>[1]> = {
  'several lines and quantities': { line_items: [item('Brush', 1_250, { quantity: 3 }), item('Easel', 8_900)] },
  'a tax on top': { line_items: [item('Brush', 1_250, { quantity: 2, tax_rates: [exclusive19] })] },
  'a tax that the price contains': { line_items: [item('Course', 11_900, { tax_rates: [inclusive19] })] },
  'two taxes of one line': { line_items: [item('Book', 3_333, { tax_rates: [exclusive7, exclusive19] })] },
  'three lines with different taxes, and a discount': {
    line_items: [
      item('Course', 9_999, { tax_rates: [exclusive19] }),
      item('Book', 1_001, { quantity: 2, tax_rates: [exclusive7] }),
      item('Brush', 333),
    ],
    discounts: [{ coupon: tenOff }],
  },
  'more lines than one page shows': {
    line_items: Array.from({ length: 14 }, (_, number) =>
      item(`Pencil ${number}`, 101 + number, { tax_rates: [exclusive19] }),
    ),
  },
  'yen, which have no decimals': { line_items: [inCurrency('jpy', 14_900)] },
  'dinars, which have three': { line_items: [inCurrency('kwd', 14_900)] },
};

test.concurrent.each(Object.entries(purchases))(
  '%s: three notes, split over the lines, that come to the invoice',
  async (_, checkout) => {
    const { payment, invoice } = await bought(checkout);
    const third = Math.floor(invoice.total / 3 / 10) * 10;
    const notes = await creditedBy(payment, [third, third + 10, undefined]);
    const all = notes.flat();
    expect(
      all.every(({ type }) => type === 'invoice_line_item'),
      'none is a bare amount',
    ).toBe(true);
    for (const line of await stripe.invoices
      .listLineItems(invoice.id, { limit: 100 })
      .autoPagingToArray({ limit: 1_000 })) {
      const its = all.filter(({ invoice_line_item: id }) => id === line.id);
      expect(sum(its.map(({ amount }) => amount)), line.description ?? '').toBe(line.amount);
      expect(taxesOf(its)).toEqual(taxesOf([line]));
    }
  },
);

test('a full refund in one note repeats the invoice line by line', async () => {
  const { payment, invoice } = await bought(purchases['two taxes of one line']);
  const [lines] = await creditedBy(payment, [undefined]);
  expect(lines).toMatchObject([{ description: 'Book', amount: 3_333, taxes: [{ amount: 233 }, { amount: 633 }] }]);
  expect(invoice.total).toBe(4_199);
});

test('where the split does not come out, the note is a bare amount, and so are those after it', async () => {
  const { payment } = await bought({ line_items: [item('Taxed twice over', 50, { tax_rates: [doubling] })] });
  const notes = await creditedBy(payment, [1, undefined]);
  expect(notes).toMatchObject([[{ type: 'custom_line_item', amount: 1 }], [{ type: 'custom_line_item', amount: 99 }]]);
});

test('after a note that a person made, nobody knows what is left of which line: a bare amount', async () => {
  const { payment, invoice } = await bought(purchases['several lines and quantities']);
  await stripe.creditNotes.create({
    invoice: invoice.id,
    amount: 2_650,
    out_of_band_amount: 2_650,
    email_type: 'none',
  });
  const notes = await creditedBy(payment, [10_000]);
  expect(notes, 'what it documented already is not documented twice').toMatchObject([
    [{ type: 'custom_line_item', amount: 7_350 }],
  ]);
  paid.pop();
  const credited = (await stripe.invoices.retrieve(invoice.id)).post_payment_credit_notes_amount;
  expect(credited).toBe(10_000);
});

test('in the end every payment keeps what its documents say, and nobody was asked anything', async () => {
  await expectBooksBalance(side, records, paid);
  expect(await openReviews(records)).toEqual([]);
});

/** Tax amount by rate. */
function taxesOf(lines: readonly { taxes: readonly Tax[] | null }[]): Record<string, number> {
  const amounts: Record<string, number> = {};
  for (const { amount, tax_rate_details: details } of lines.flatMap(({ taxes }) => taxes ?? [])) {
    const of = details?.tax_rate ?? '';
    amounts[of] = (amounts[of] ?? 0) + amount;
  }
  return amounts;
}
type Tax = { readonly amount: number; readonly tax_rate_details: { readonly tax_rate: string } | null };

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}
