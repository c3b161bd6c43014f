import { expect, test } from 'vitest';
import { apportion, splitNote } from '../../../src/billing/adjustments/note-split.ts';
import { invoiceLine, tax } from './stripe-adjustments.ts';

test.each<[amount: number, weights: number[], parts: number[]]>([
  [0, [3, 4], [0, 0]],
  [5, [], []],
  [7, [3, 4], [3, 4]],
  [1, [1, 1, 1], [1, 0, 0]],
  [2, [1, 1, 1], [1, 1, 0]],
  [10, [1, 0, 9], [1, 0, 9]],
  [5, [1, 0, 9], [1, 0, 4]],
  [100, [3_333, 3_333, 3_334], [33, 33, 34]],
  [1, [0, 0], [0, 0]],
])('%i over %j is %j', (amount, weights, parts) => {
  expect(apportion(amount, weights)).toEqual(parts);
});

const course = invoiceLine({
  id: 'il_course',
  amount: 10_000,
  taxes: [tax({ amount: 1_900, taxable_amount: 10_000 })],
});
const book = invoiceLine({
  id: 'il_book',
  amount: 2_140,
  taxes: [tax({ amount: 140, tax_behavior: 'inclusive', taxable_amount: 2_000 })],
});

test('the whole invoice is credited line by line with all its taxes', () => {
  expect(splitNote(14_040, [course, book], [])).toEqual({
    shares: { il_course: 11_900, il_book: 2_140 },
    lines: [
      {
        type: 'invoice_line_item',
        invoice_line_item: 'il_course',
        amount: 10_000,
        tax_amounts: [{ amount: 1_900, tax_rate: 'txr_1', taxable_amount: 10_000 }],
      },
      {
        type: 'invoice_line_item',
        invoice_line_item: 'il_book',
        amount: 2_140,
        tax_amounts: [{ amount: 140, tax_rate: 'txr_1', taxable_amount: 2_000 }],
      },
    ],
  });
});

test('a part is spread in proportion, tax included', () => {
  const split = splitNote(7_020, [course, book], []);
  expect(split?.shares).toEqual({ il_course: 5_950, il_book: 1_070 });
  expect(split?.lines).toMatchObject([
    { amount: 5_000, tax_amounts: [{ amount: 950 }] },
    { amount: 1_070, tax_amounts: [{ amount: 70 }] },
  ]);
});

test('a line without tax is credited without tax, and one that is credited already not at all', () => {
  const plain = invoiceLine({ id: 'il_plain', amount: 500 });
  expect(splitNote(500, [plain, book], [{ il_book: 2_140 }])?.lines).toEqual([
    { type: 'invoice_line_item', invoice_line_item: 'il_plain', amount: 500 },
  ]);
});

test.each<[string, Parameters<typeof splitNote>]>([
  ['more than is left', [1_001, [invoiceLine()], []]],
  ['more than is left after earlier notes', [501, [invoiceLine()], [{ il_1: 300 }, { il_1: 200 }]]],
  ['an earlier note that is a bare amount', [100, [invoiceLine()], [null]]],
  ['earlier notes above the line', [100, [invoiceLine(), invoiceLine({ id: 'il_2' })], [{ il_1: 1_001 }]]],
  ['a negative line', [100, [invoiceLine({ amount: 2_000 }), invoiceLine({ id: 'il_2', amount: -1_000 })], []]],
  ['a discount of Stripe', [100, [invoiceLine({ discount_amounts: [{ amount: 5, discount: 'di_1' }] })], []]],
  ['a tax without a rate', [100, [invoiceLine({ taxes: [tax({ tax_rate_details: null })] })], []]],
])('no split for %s: a bare amount must do', (_, given) => {
  expect(splitNote(...given)).toBeUndefined();
});
