import fc from 'fast-check';
import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import type { InvoiceLine } from '../../../src/billing/payments/document.ts';
import { invoiceLines } from '../../../src/billing/stripe-invoices/invoice-lines.ts';
import { scaledLines } from '../../../src/billing/stripe-invoices/scaled-lines.ts';
import { propertyRun } from '../../support/property.ts';
import { checkoutSession, lineItem, payment, taxRate } from '../../support/stripe-objects.ts';

/** Something else was charged than Checkout had agreed on: captured in part, over-captured, or with a tip. */

const tax = (amount: number, percentage: number, taxable: number, inclusive = false) => ({
  amount,
  rate: taxRate({ percentage, inclusive }),
  taxability_reason: null,
  taxable_amount: taxable,
});

/** Net amount, tax of it at a rate, both in minor units. */
const taxed = (description: string, net: number, amount: number, percentage: number, inclusive = false) =>
  lineItem({
    description,
    amount_subtotal: inclusive ? net + amount : net,
    amount_tax: amount,
    amount_total: net + amount,
    taxes: [tax(amount, percentage, net, inclusive)],
  });
const untaxed = (description: string, amount: number) => lineItem({ description, amount_total: amount });

function outcomeOf(items: Stripe.LineItem[], received: number, asOne = false) {
  const parts = invoiceLines(
    payment({ intent: { amount_received: received }, session: checkoutSession(), lineItems: items }),
    asOne,
  );
  if ('mismatch' in parts) return 'a person is asked';
  return parts.lines.map(({ description, amount, tax_amounts: taxes }) =>
    [
      description,
      amount,
      ...(Array.isArray(taxes) ? taxes.map((each) => [each.amount, each.taxable_amount]) : []),
    ].flat(),
  );
}

const course = untaxed('Course', 3_000);
const book = untaxed('Book', 2_000);
const course20 = taxed('Course', 3_000, 600, 20);
const book10 = taxed('Book', 2_000, 200, 10);
const brush20 = taxed('Brush', 1_000, 200, 20);

describe('as a person wants it: one line without tax over what was received', () => {
  test.each([
    ['all of it', [course20, book10], 5_800, [['Course, Book', 5_800]]],
    ['a part of it', [course20, book10], 5_000, [['Course, Book (in part)', 5_000]]],
    ['more than it', [course20], 3_700, [['Course', 3_700]]],
    ['untaxed and whole', [course], 3_000, [['Course', 3_000]]],
  ])('%s', (_what, items, received, lines) => {
    expect(outcomeOf(items, received, true)).toEqual(lines);
  });
});

describe('without tax: one line over what was received', () => {
  test.each([
    ['captured in part, one item', [course], 1_200, [['Course (in part)', 1_200]]],
    ['captured in part, several items', [course, book], 3_200, [['Course, Book (in part)', 3_200]]],
    ['captured in part, of twice the same item', [course, course], 3_200, [['Course (in part)', 3_200]]],
    ['over-captured, or with a tip', [course, book], 5_750, [['Course, Book', 5_750]]],
    ['one unit more than a rounding', [course, book], 5_003, [['Course, Book', 5_003]]],
  ])('%s', (_what, items, received, lines) => {
    expect(outcomeOf(items, received)).toEqual(lines);
  });
});

describe('with tax, captured in part: net amount and tax of each rate in proportion', () => {
  test.each([
    ['half of one line', [course20], 1_800, [['Course (in part)', 1_500, 300, 1_500]]],
    [
      'half of two rates',
      [course20, book10],
      2_900,
      [
        ['Course (in part)', 1_500, 300, 1_500],
        ['Book (in part)', 1_000, 100, 1_000],
      ],
    ],
    [
      'a third of two lines of one rate: the rate first, then its lines',
      [course20, brush20],
      1_600,
      [
        ['Course (in part)', 1_000, 200, 1_000],
        ['Brush (in part)', 333, 67, 333],
      ],
    ],
    [
      'with a line without tax among them',
      [course20, book],
      2_800,
      [
        ['Course (in part)', 1_500, 300, 1_500],
        ['Book (in part)', 1_000],
      ],
    ],
    [
      'an inclusive tax stays within its amount',
      [taxed('Course', 3_000, 600, 20, true)],
      1_800,
      [['Course (in part)', 1_800, 300, 1_500]],
    ],
    [
      'a rate of 0 % is told all the same',
      [taxed('Course', 3_000, 0, 0)],
      1_000,
      [['Course (in part)', 1_000, 0, 1_000]],
    ],
    [
      'one unit',
      [course20, book10],
      1,
      [
        ['Course (in part)', 1, 0, 1],
        ['Book (in part)', 0, 0, 0],
      ],
    ],
    ['all but one unit more than a rounding', [course20], 3_598, [['Course (in part)', 2_998, 600, 2_998]]],
  ])('%s', (_what, items, received, lines) => {
    expect(outcomeOf(items, received)).toEqual(lines);
  });

  test('price and quantity give way to words', () => {
    const three = lineItem({
      description: 'Course',
      quantity: 3,
      amount_subtotal: 3_000,
      amount_tax: 600,
      amount_total: 3_600,
      taxes: [tax(600, 20, 3_000)],
    });
    expect(outcomeOf([three], 1_800)).toEqual([['3 × Course (in part)', 1_500, 300, 1_500]]);
  });
});

describe('a person is asked', () => {
  test.each([
    ['more than agreed on, of one taxed line (a tip, an over-capture)', [course20], 4_000],
    ['more than agreed on, with one taxed line among others', [course, book10], 6_000],
    [
      'a part of a line of which only a part is taxed',
      [{ ...course20, taxes: [{ ...tax(600, 20, 3_000), taxable_amount: 1_500 }] }],
      1_800,
    ],
  ])('%s', (_what, items, received) => {
    expect(outcomeOf(items, received)).toBe('a person is asked');
  });
});

const rate = fc.constantFrom(0, 5, 7, 8.1, 19, 20, 25.5);
const item = fc
  .record({ net: fc.nat(10_000_000), percentage: rate, inclusive: fc.boolean(), untaxed: fc.boolean() })
  .map(({ net, percentage, inclusive, untaxed: without }): InvoiceLine => {
    if (without) return { description: 'Item', amount: net };
    const amount = Math.round((net * percentage) / 100);
    return {
      description: 'Item',
      amount: inclusive ? net + amount : net,
      tax_amounts: [{ amount, taxable_amount: net, tax_rate_data: { display_name: 'VAT', percentage, inclusive } }],
    };
  });

/** Per rate: what is taxed, and the tax; and all together with exclusive taxes. */
function sumsOf(lines: readonly InvoiceLine[]) {
  const rates = new Map<string, { taxable: number; tax: number }>();
  let total = 0;
  for (const { amount = 0, tax_amounts: taxes } of lines) {
    total += amount;
    for (const each of Array.isArray(taxes) ? taxes : []) {
      const { percentage, inclusive } = each.tax_rate_data;
      if (!inclusive) total += each.amount;
      const known = rates.get(`${percentage} ${inclusive}`) ?? { taxable: 0, tax: 0 };
      rates.set(`${percentage} ${inclusive}`, {
        taxable: known.taxable + each.taxable_amount,
        tax: known.tax + each.amount,
      });
    }
  }
  return { total, rates };
}

test('any part of any lines comes to what was charged, each rate within one unit of its share, no line above what it was', () => {
  fc.assert(
    fc.property(
      fc.array(item, { minLength: 1, maxLength: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (lines, share) => {
        const before = sumsOf(lines);
        const charged = Math.floor(before.total * share);
        fc.pre(charged > 0 && charged < before.total);
        const scaled = scaledLines(lines, charged) ?? [];
        const after = sumsOf(scaled);
        expect(after.total).toBe(charged);
        for (const [key, { taxable, tax: taxes }] of before.rates) {
          const now = after.rates.get(key);
          expect(Math.abs((now?.tax ?? 0) - (taxes * charged) / before.total)).toBeLessThan(1);
          expect(Math.abs((now?.taxable ?? 0) - (taxable * charged) / before.total)).toBeLessThan(1);
        }
        for (const [at, line] of scaled.entries()) {
          expect(line.amount).toBeGreaterThanOrEqual(0);
          expect(line.amount).toBeLessThanOrEqual(lines[at]?.amount ?? 0);
        }
      },
    ),
    propertyRun(300),
  );
});
