import type Stripe from 'stripe';
import { beforeAll, expect, test } from 'vitest';
import { expectOneInvoiceEach, untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { buy, item, payDirectly } from '../support/purchases.ts';
import { openReviews } from '../support/records.ts';
import { startStory } from '../support/story.ts';

/** The invoice says what was bought: lines, quantities, taxes, discounts, shipping, in every currency. */
const { side, records } = await startStory();
const { stripe } = side;

/** What is compared of an invoice, in minor units. */
type Document = {
  currency: string;
  total: number;
  /** Description, quantity, amount, and the taxes of each line as `amount ±` (+ exclusive, = inclusive). */
  lines: [string, number, number, string[]][];
};

type Purchase = { pay: () => Promise<string>; document: Document };

const vat = (inclusive: boolean, percentage: number) =>
  stripe.taxRates.create({ display_name: 'VAT', percentage, inclusive, country: 'DE' });
const [exclusive19, inclusive19, exclusive7, tenOff, fiveOff] = await Promise.all([
  vat(false, 19).then(({ id }) => id),
  vat(true, 19).then(({ id }) => id),
  vat(false, 7).then(({ id }) => id),
  stripe.coupons.create({ percent_off: 10, duration: 'once', name: 'Ten percent' }).then(({ id }) => id),
  stripe.coupons.create({ amount_off: 500, currency: 'eur', duration: 'once' }).then(({ id }) => id),
]);
const parcel = (amount: number, currency = 'eur'): Stripe.Checkout.SessionCreateParams.ShippingOption => ({
  shipping_rate_data: { display_name: 'Parcel', type: 'fixed_amount', fixed_amount: { amount, currency } },
});

const inCurrency = (currency: string, unitAmount: number) =>
  item('A course', unitAmount, {
    price_data: { currency, unit_amount: unitAmount, product_data: { name: 'A course' } },
  });

const purchases: Record<string, Purchase> = {
  'several lines and quantities': {
    pay: () => buy(side, { line_items: [item('Brush', 1_250, { quantity: 3 }), item('Easel', 8_900)] }),
    document: {
      currency: 'eur',
      total: 12_650,
      lines: [
        ['Brush', 3, 3_750, []],
        ['Easel', 1, 8_900, []],
      ],
    },
  },
  'a tax on top': {
    pay: () => buy(side, { line_items: [item('Brush', 1_250, { quantity: 2, tax_rates: [exclusive19] })] }),
    document: { currency: 'eur', total: 2_975, lines: [['Brush', 2, 2_500, ['475 +']]] },
  },
  'a tax that the price contains': {
    pay: () => buy(side, { line_items: [item('Course', 11_900, { tax_rates: [inclusive19] })] }),
    document: { currency: 'eur', total: 11_900, lines: [['Course', 1, 11_900, ['1900 =']]] },
  },
  'two taxes of one line, which do not divide evenly': {
    pay: () => buy(side, { line_items: [item('Book', 3_333, { tax_rates: [exclusive7, exclusive19] })] }),
    document: { currency: 'eur', total: 4_199, lines: [['Book', 1, 3_333, ['233 +', '633 +']]] },
  },
  'a discount by percentage, over two lines and a tax': {
    pay: () =>
      buy(side, {
        line_items: [item('Course', 9_999, { tax_rates: [exclusive19] }), item('Book', 1_001, { quantity: 2 })],
        discounts: [{ coupon: tenOff }],
      }),
    document: {
      currency: 'eur',
      total: 12_511,
      lines: [
        ['Course (after discount)', 1, 8_999, ['1710 +']],
        ['2 × Book (after discount)', 1, 1_802, []],
      ],
    },
  },
  'a discount by amount': {
    pay: () => buy(side, { line_items: [item('Course', 4_999)], discounts: [{ coupon: fiveOff }] }),
    document: { currency: 'eur', total: 4_499, lines: [['Course (after discount)', 1, 4_499, []]] },
  },
  shipping: {
    pay: () => buy(side, { line_items: [item('Easel', 8_900)], shipping_options: [parcel(690)] }),
    document: {
      currency: 'eur',
      total: 9_590,
      lines: [
        ['Easel', 1, 8_900, []],
        ['Shipping', 1, 690, []],
      ],
    },
  },
  'shipping free of charge': {
    pay: () => buy(side, { line_items: [item('Easel', 8_900)], shipping_options: [parcel(0)] }),
    document: { currency: 'eur', total: 8_900, lines: [['Easel', 1, 8_900, []]] },
  },
  'everything at once': {
    pay: () =>
      buy(side, {
        line_items: [
          item('Brush', 1_250, { quantity: 3, tax_rates: [inclusive19] }),
          item('Easel', 8_900, { tax_rates: [exclusive7] }),
        ],
        discounts: [{ coupon: tenOff }],
        shipping_options: [parcel(690)],
      }),
    document: {
      currency: 'eur',
      total: 12_636,
      lines: [
        ['3 × Brush (after discount)', 1, 3_375, ['539 =']],
        ['Easel (after discount)', 1, 8_010, ['561 +']],
        ['Shipping', 1, 690, []],
      ],
    },
  },
  'more lines than Stripe sends along': {
    pay: () => buy(side, { line_items: Array.from({ length: 14 }, (_, n) => item(`Lesson ${n + 1}`, 1_000 + n)) }),
    document: {
      currency: 'eur',
      total: 14_091,
      lines: Array.from({ length: 14 }, (_, n) => [`Lesson ${n + 1}`, 1, 1_000 + n, []]),
    },
  },
  'a currency without decimals': {
    pay: () => buy(side, { line_items: [inCurrency('jpy', 12_345)] }),
    document: { currency: 'jpy', total: 12_345, lines: [['A course', 1, 12_345, []]] },
  },
  'a currency with three decimals': {
    pay: () => buy(side, { line_items: [inCurrency('kwd', 12_340)] }),
    document: { currency: 'kwd', total: 12_340, lines: [['A course', 1, 12_340, []]] },
  },
  'a payment without Checkout, in yen': {
    pay: () => payDirectly(side, { amount: 777, currency: 'jpy', description: 'Order 7' }),
    document: { currency: 'jpy', total: 777, lines: [['Order 7', 1, 777, []]] },
  },
  'a payment without Checkout, in dinars': {
    pay: () => payDirectly(side, { amount: 7_770, currency: 'kwd' }),
    document: { currency: 'kwd', total: 7_770, lines: [['Payment', 1, 7_770, []]] },
  },
};

/** The documents that came of it, by the name of the purchase. */
const made = new Map<string, Document>();
const payments: string[] = [];

beforeAll(async () => {
  const named = Object.entries(purchases).map(async ([name, { pay }]) => [name, await pay()] as const);
  const bought = await Promise.all(named);
  payments.push(...bought.map(([, payment]) => payment));
  await untilSettled(records, payments);
  for (const [name, payment] of bought) made.set(name, await documentOf(payment));
});

async function documentOf(payment: string): Promise<Document> {
  const { stripe_invoice: id } = await records.row<{ stripe_invoice: string }>(
    'select stripe_invoice from payment_invoices where payment_intent = $1',
    [payment],
  );
  const invoice = await stripe.invoices.retrieve(id);
  const lines = await stripe.invoices.listLineItems(id, { limit: 100 });
  return { currency: invoice.currency, total: invoice.total, lines: lines.data.map(lineOf) };
}

function lineOf({ description, quantity, amount, taxes }: Stripe.InvoiceLineItem): Document['lines'][number] {
  const signs = (taxes ?? []).map((tax) => `${tax.amount} ${tax.tax_behavior === 'exclusive' ? '+' : '='}`);
  return [description ?? '', quantity ?? 1, amount, signs];
}

test.each(Object.entries(purchases))('%s', (name, { document }) => {
  expect(made.get(name)).toEqual(document);
});

test('every total is what was received, and nobody was asked anything', async () => {
  await untilEventsDone(records);
  await expectOneInvoiceEach(side, records, payments);
  expect(await openReviews(records)).toEqual([]);
});
