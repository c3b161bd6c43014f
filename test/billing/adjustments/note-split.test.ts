import { expect, test } from 'vitest';
import { splitNote } from '../../../src/billing/adjustments/note-split.ts';
import { invoiceLine, tax } from './stripe-adjustments.ts';

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

test('a tax without a taxable amount is a tax on the amount of its line', () => {
  const plain = invoiceLine({ amount: 1_000, taxes: [tax({ taxable_amount: null })] });
  expect(splitNote(595, [plain], [])?.lines).toMatchObject([
    { amount: 500, tax_amounts: [{ amount: 95, taxable_amount: 500 }] },
  ]);
});

test('notes one after the other are cut between marks: their taxes sum to that of the line, to the minor unit', () => {
  const line = invoiceLine({ amount: 84, taxes: [tax({ amount: 16, taxable_amount: 84 })] });
  const taxes = [33, 33, 34].map((amount, position) => {
    const earlier = [33, 33, 34].slice(0, position).map((share) => ({ il_1: share }));
    return splitNote(amount, [line], earlier)?.lines;
  });
  expect(taxes).toMatchObject([
    [{ amount: 28, tax_amounts: [{ amount: 5, taxable_amount: 28 }] }],
    [{ amount: 27, tax_amounts: [{ amount: 6, taxable_amount: 27 }] }],
    [{ amount: 29, tax_amounts: [{ amount: 5, taxable_amount: 29 }] }],
  ]);
});

test.each([
  ['of which Stripe tells neither discounts nor taxes', { discount_amounts: null, taxes: null }],
  ['with a discount of nothing', { discount_amounts: [{ amount: 0, discount: 'di_1' }] }],
])('a line %s is split like any other', (_what, says) => {
  expect(splitNote(500, [invoiceLine(says)], [])).toEqual({
    shares: { il_1: 500 },
    lines: [{ type: 'invoice_line_item', invoice_line_item: 'il_1', amount: 500 }],
  });
});

test('a line that is free takes no part', () => {
  expect(splitNote(500, [invoiceLine({ id: 'il_free', amount: 0 }), invoiceLine()], [])?.shares).toEqual({ il_1: 500 });
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
  ['a negative line alone', [0, [invoiceLine({ amount: -1_000 })], []]],
  [
    'a discount on one of several lines',
    [100, [invoiceLine({ id: 'il_0' }), invoiceLine({ discount_amounts: [{ amount: 5, discount: 'di_1' }] })], []],
  ],
  ['one bare amount among earlier notes', [100, [invoiceLine()], [{ il_1: 100 }, null]]],
  ['a discount of Stripe', [100, [invoiceLine({ discount_amounts: [{ amount: 5, discount: 'di_1' }] })], []]],
  ['a tax without a rate', [100, [invoiceLine({ taxes: [tax({ tax_rate_details: null })] })], []]],
])('no split for %s: a bare amount must do', (_, given) => {
  expect(splitNote(...given)).toBeUndefined();
});
