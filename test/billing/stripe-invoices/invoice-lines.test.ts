import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import type { InvoiceLine } from '../../../src/billing/payments/document.ts';
import { invoiceLines } from '../../../src/billing/stripe-invoices/invoice-lines.ts';
import { checkoutSession, lineItem, payment, taxRate } from '../../support/stripe-objects.ts';

type Shipping = Stripe.Checkout.Session.ShippingCost;
type Bought = { received: number; items?: Stripe.LineItem[]; shipping?: Partial<Shipping>; currency?: string };

function bought({ received, items = [], shipping, currency = 'eur' }: Bought) {
  const shipping_cost = shipping
    ? { amount_subtotal: 0, amount_tax: 0, amount_total: 0, shipping_rate: null, ...shipping }
    : null;
  return payment({
    intent: { amount_received: received, currency },
    session: checkoutSession({ currency, shipping_cost }),
    lineItems: items,
  });
}

function linesOf(what: Bought): readonly InvoiceLine[] {
  const parts = invoiceLines(bought(what));
  if ('mismatch' in parts) throw new Error(`unexpected mismatch ${JSON.stringify(parts.mismatch)}`);
  return parts.lines;
}

const tax = (amount: number, says: Partial<Stripe.TaxRate> = {}, taxable_amount: number | null = null) => ({
  amount,
  rate: taxRate(says),
  taxability_reason: null,
  taxable_amount,
});

describe('without line items the payment itself is the one line', () => {
  const single = [{ description: 'Evening course', amount: 1_000 }];
  const intent = { description: 'Evening course' };

  test('no checkout session', () => {
    expect(invoiceLines(payment({ intent }))).toEqual({ lines: single });
  });

  test('a session whose items are not known', () => {
    expect(invoiceLines(payment({ intent, session: checkoutSession() }))).toEqual({ lines: single });
  });

  test('a session in another currency than the payment: its items would need a rate of exchange', () => {
    const session = checkoutSession({ currency: 'usd' });
    expect(invoiceLines(payment({ intent, session, lineItems: [lineItem({ amount_total: 1_170 })] }))).toEqual({
      lines: single,
    });
  });

  test('a payment that says nothing of itself', () => {
    expect(invoiceLines(payment())).toEqual({ lines: [{ description: 'Payment', amount: 1_000 }] });
  });
});

describe('quantities and discounts', () => {
  test('one piece', () => {
    expect(linesOf({ received: 1_000, items: [lineItem()] })).toEqual([
      { description: 'Watercolour course', amount: 1_000 },
    ]);
  });

  test('several pieces with a whole price keep price and quantity', () => {
    expect(linesOf({ received: 3_000, items: [lineItem({ quantity: 3, amount_total: 3_000 })] })).toEqual([
      {
        description: 'Watercolour course',
        quantity: 3,
        price_data: { currency: 'eur', product: 'prod_course', unit_amount: 1_000 },
      },
    ]);
  });

  test.each([
    ['whose price is not whole', { quantity: 3, amount_total: 1_000 }, '3 × Watercolour course'],
    ['without a product', { quantity: 2, amount_total: 1_000, price: null }, '2 × Watercolour course'],
    ['that are free', { quantity: 2, amount_total: 0 }, '2 × Watercolour course'],
    [
      'with a discount',
      { quantity: 2, amount_total: 900, amount_subtotal: 1_000, amount_discount: 100 },
      '2 × Watercolour course (after discount)',
    ],
  ])('several pieces %s are said in words, with the exact amount', (_what, says, description) => {
    expect(linesOf({ received: says.amount_total, items: [lineItem(says)] })).toEqual([
      { description, amount: says.amount_total },
    ]);
  });

  test('a discount is taken off its line, and said', () => {
    const items = [lineItem({ amount_subtotal: 1_000, amount_discount: 150, amount_total: 850 })];
    expect(linesOf({ received: 850, items })).toEqual([
      { description: 'Watercolour course (after discount)', amount: 850 },
    ]);
  });

  test('an item without a name is an item', () => {
    expect(linesOf({ received: 1_000, items: [lineItem({ description: null, quantity: null })] })).toEqual([
      { description: 'Item', amount: 1_000 },
    ]);
  });
});

describe('taxes', () => {
  test('an inclusive tax is within the amount', () => {
    const items = [lineItem({ amount_total: 1_200, amount_tax: 200, taxes: [tax(200, {}, 1_000)] })];
    expect(linesOf({ received: 1_200, items })).toEqual([
      {
        description: 'Watercolour course',
        amount: 1_200,
        tax_amounts: [
          {
            amount: 200,
            taxable_amount: 1_000,
            tax_rate_data: { display_name: 'VAT', percentage: 20, inclusive: true, tax_type: 'vat' },
          },
        ],
      },
    ]);
  });

  test('exclusive taxes come on top; where they are levied is kept', () => {
    const state = { inclusive: false, display_name: 'Sales tax', tax_type: 'sales_tax' } as const;
    const taxes = [
      tax(60, { ...state, percentage: 6, country: 'US', state: 'CA', jurisdiction: 'California' }, 1_000),
      tax(20, { ...state, percentage: 99, effective_percentage: 2 }, 1_000),
    ];
    const items = [lineItem({ amount_subtotal: 1_000, amount_tax: 80, amount_total: 1_080, taxes })];
    expect(linesOf({ received: 1_080, items })).toEqual([
      {
        description: 'Watercolour course',
        amount: 1_000,
        tax_amounts: [
          {
            amount: 60,
            taxable_amount: 1_000,
            tax_rate_data: {
              display_name: 'Sales tax',
              percentage: 6,
              inclusive: false,
              country: 'US',
              state: 'CA',
              jurisdiction: 'California',
              tax_type: 'sales_tax',
            },
          },
          {
            amount: 20,
            taxable_amount: 1_000,
            tax_rate_data: { display_name: 'Sales tax', percentage: 2, inclusive: false, tax_type: 'sales_tax' },
          },
        ],
      },
    ]);
  });

  test('price and quantity stay visible beside an exclusive tax', () => {
    const taxes = [tax(400, { inclusive: false }, 2_000)];
    const items = [lineItem({ quantity: 2, amount_subtotal: 2_000, amount_tax: 400, amount_total: 2_400, taxes })];
    expect(linesOf({ received: 2_400, items })).toMatchObject([
      { quantity: 2, price_data: { unit_amount: 1_000 }, tax_amounts: [{ amount: 400 }] },
    ]);
  });

  const nothing = (says: Partial<Stripe.TaxRate> = {}) => tax(0, { percentage: 0, inclusive: false, ...says }, 1_000);
  test.each([
    ['as Stripe says', { ...nothing(), taxability_reason: 'reverse_charge' }, null, 'reverse_charge'],
    ['as Stripe says, whoever buys', { ...nothing(), taxability_reason: 'not_collecting' }, 'exempt', 'not_collecting'],
    ['at a rate of 0 % that somebody chose', nothing(), 'none', 'zero_rated'],
    ['at such a rate, of a buyer who owes the tax himself', nothing(), 'reverse', 'reverse_charge'],
    ['at such a rate, of a buyer who is exempt', nothing(), 'exempt', 'customer_exempt'],
    ['at a rate of which too little was taxed', nothing({ percentage: 19 }), null, undefined],
  ] as const)('a tax of nothing is told: %s', (_what, given, tax_exempt, reason) => {
    const items = [lineItem({ amount_total: 1_000, amount_tax: 0, taxes: [given] })];
    const sold = bought({ received: 1_000, items });
    const details = { address: null, business_name: null, email: null, individual_name: null, name: null, phone: null };
    const session = checkoutSession({ customer_details: { ...details, tax_ids: null, tax_exempt } });
    const parts = invoiceLines({ ...sold, session });
    const [line] = 'lines' in parts ? parts.lines : [];
    expect(line).toMatchObject({ amount: 1_000, tax_amounts: [{ amount: 0, taxable_amount: 1_000 }] });
    const [told] = Array.isArray(line?.tax_amounts) ? line.tax_amounts : [];
    expect(told?.taxability_reason).toBe(reason);
  });

  test('a rate without a name is a tax, and an unknown taxable amount is what remains', () => {
    const nameless = lineItem({ amount_tax: 0, taxes: [nothing({ display_name: '' })] });
    expect(linesOf({ received: 1_000, items: [nameless] })).toMatchObject([
      { tax_amounts: [{ tax_rate_data: { display_name: 'Tax' } }] },
    ]);
    const items = [lineItem({ amount_total: 1_200, amount_tax: 200, taxes: [tax(200)] })];
    expect(linesOf({ received: 1_200, items })).toMatchObject([{ tax_amounts: [{ taxable_amount: 1_000 }] }]);
  });

  const asOneTax = {
    amount: 1_200,
    tax_amounts: [
      { amount: 200, taxable_amount: 1_000, tax_rate_data: { display_name: 'Tax', percentage: 20, inclusive: true } },
    ],
  };
  test.each([
    ['whose rates are not told', []],
    ['whose rates come to something else', [tax(150, { inclusive: false })]],
    ['of more rates than a line can hold', Array.from({ length: 21 }, (_, n) => tax(n === 0 ? 180 : 1))],
  ])('a tax %s is kept as one amount within the price', (_what, taxes) => {
    const items = [lineItem({ amount_total: 1_200, amount_tax: 200, taxes })];
    expect(linesOf({ received: 1_200, items })).toMatchObject([asOneTax]);
  });

  test('rates that come to something on a line without tax are none', () => {
    const items = [lineItem({ amount_total: 1_000, amount_tax: 0, taxes: [tax(150)] })];
    expect(linesOf({ received: 1_000, items })).toEqual([{ description: 'Watercolour course', amount: 1_000 }]);
  });

  test.each([
    ['twenty', [...Array(20).fill(10)], 20],
    ['twenty, one of them of nothing', [10, 20, ...Array(17).fill(10), 0], 20],
    ['twenty and two of nothing, which give way', [0, ...Array(20).fill(10), 0], 20],
  ])('%s rates on one line are taken over as they are', (_what, amounts, told) => {
    const items = [lineItem({ amount_total: 1_200, amount_tax: 200, taxes: amounts.map((amount) => tax(amount)) })];
    const [line] = linesOf({ received: 1_200, items });
    expect(line?.amount).toBe(1_200);
    expect(line?.tax_amounts).toHaveLength(told);
  });

  test('a percentage is within what Stripe takes: 0 to 100, four decimals', () => {
    const percentages = [
      lineItem({ amount_total: 1_070, amount_tax: 70, taxes: [tax(70, { effective_percentage: 7.123456789 })] }),
      lineItem({ amount_total: 3, amount_tax: 2, taxes: [] }),
      lineItem({ amount_total: 1_000, amount_tax: 333, taxes: [] }),
      lineItem({ amount_total: 100, amount_tax: 100, taxes: [] }),
    ].map((item) => {
      const [line] = linesOf({ received: item.amount_total, items: [item] });
      const [first] = Array.isArray(line?.tax_amounts) ? line.tax_amounts : [];
      return first?.tax_rate_data.percentage;
    });
    expect(percentages).toEqual([7.1235, 100, 49.925, 100]);
  });
});

describe('shipping', () => {
  test('is a line, with its tax', () => {
    const shipping = {
      amount_subtotal: 500,
      amount_tax: 100,
      amount_total: 600,
      taxes: [tax(100, { inclusive: false }, 500)],
    };
    expect(linesOf({ received: 1_600, items: [lineItem()], shipping })).toMatchObject([
      { amount: 1_000 },
      { description: 'Shipping', amount: 500, tax_amounts: [{ amount: 100, taxable_amount: 500 }] },
    ]);
  });

  test('without tax tells of none', () => {
    const shipping = { amount_subtotal: 500, amount_total: 500 };
    expect(linesOf({ received: 1_500, items: [lineItem()], shipping })[1]).toEqual({
      description: 'Shipping',
      amount: 500,
    });
  });

  test('that is free leaves no line', () => {
    expect(linesOf({ received: 1_000, items: [lineItem()], shipping: {} })).toHaveLength(1);
  });
});

describe('what does not add up', () => {
  test.each([1, 2, -2])('a difference of %i on two lines is a rounding, and has its line', (difference) => {
    const items = [lineItem(), lineItem()];
    expect(linesOf({ received: 2_000 + difference, items })[2]).toEqual({
      description: 'Rounding',
      amount: difference,
    });
  });

  test.each([3, 500])('a difference of %i on two lines, of which one is taxed, is for a person', (difference) => {
    const taxed = lineItem({ amount_total: 1_000, amount_tax: 100, taxes: [tax(100, {}, 900)] });
    expect(invoiceLines(bought({ received: 2_000 + difference, items: [lineItem(), taxed] }))).toEqual({
      mismatch: { expected: 2_000 + difference, found: 2_000, currency: 'eur' },
    });
  });
});

describe('amounts are never rescaled', () => {
  test.each(['jpy', 'kwd', 'isk', 'huf'])('in %s', (currency) => {
    const items = [lineItem({ currency, amount_total: 1_230 }), lineItem({ currency, quantity: 2, amount_total: 20 })];
    expect(linesOf({ received: 1_250, items, currency })).toMatchObject([
      { amount: 1_230 },
      { quantity: 2, price_data: { currency, unit_amount: 10 } },
    ]);
  });
});
