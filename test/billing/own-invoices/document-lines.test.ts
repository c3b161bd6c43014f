import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DocumentedPart,
  linesOfOwnInvoice,
  spreadReductions,
} from '../../../src/billing/own-invoices/document-lines.ts';
import { amountsOf, type PricedLine } from '../../../src/billing/own-invoices/invoice-total.ts';
import type { InvoiceLine } from '../../../src/billing/payments/document.ts';
import { propertyRun } from '../../support/property.ts';
import { issued } from '../../views/example-invoice.ts';

/** `net at rate: tax`, and the same of the lines at Stripe: `amount + tax (rate on taxable)`. */
const part = (description: string, net: number, rate: string | null, tax = 0): DocumentedPart => ({
  description,
  rate,
  net,
  tax,
});

function told(lines: readonly InvoiceLine[] | undefined): string[] | undefined {
  return lines?.map(({ description, amount, tax_amounts: taxes }) => {
    const [tax] = Array.isArray(taxes) ? taxes : [];
    const rate = tax ? ` + ${tax.amount} (${tax.tax_rate_data.percentage} % on ${tax.taxable_amount})` : '';
    return `${description}: ${amount}${rate}`;
  });
}

describe('the lines of an own invoice at Stripe', () => {
  const rows: [string, DocumentedPart[], string[] | undefined][] = [
    [
      'without a reduction are its own',
      [part('Course', 10_000, '19', 1_900), part('Book', 2_000, '7', 140), part('Gift', 0, null)],
      ['Course: 10000 + 1900 (19 % on 10000)', 'Book: 2000 + 140 (7 % on 2000)', 'Gift: 0'],
    ],
    [
      'tell a taxed reduction in the line that it reduces',
      [part('Course', 10_000, '19', 1_900), part('Loyalty', -1_000, '19', -190)],
      ['Course (after Loyalty): 9000 + 1710 (19 % on 9000)'],
    ],
    [
      'spread it over the lines of its rate alone',
      [
        part('Course', 10_000, '19', 1_900),
        part('Easel', 5_000, '19', 950),
        part('Book', 3_000, '7', 210),
        part('Loyalty', -1_000, '19', -190),
      ],
      [
        'Course (after Loyalty): 9333 + 1773 (19 % on 9333)',
        'Easel (after Loyalty): 4667 + 887 (19 % on 4667)',
        'Book: 3000 + 210 (7 % on 3000)',
      ],
    ],
    [
      'name several reductions, each once',
      [
        part('Course', 10_000, '19', 1_900),
        part('Loyalty', -500, '19', -95),
        part('Loyalty', -500, '19', -95),
        part('Early bird', -1_000, '19', -190),
      ],
      ['Course (after Loyalty, Early bird): 8000 + 1520 (19 % on 8000)'],
    ],
    [
      'may come down to nothing',
      [part('Course', 10_000, '19', 1_900), part('Free', -10_000, '19', -1_900), part('Book', 500, '7', 35)],
      ['Course (after Free): 0 + 0 (19 % on 0)', 'Book: 500 + 35 (7 % on 500)'],
    ],
    [
      'keep a tax that only roundings leave, where the base is nothing',
      [part('A', 1, '50', 1), part('B', 1, '50', 1), part('Off', -2, '50', -1), part('Book', 500, null)],
      ['A (after Off): 0 + 1 (50 % on 0)', 'B (after Off): 0 + 0 (50 % on 0)', 'Book: 500'],
    ],
    [
      'take a voucher without tax from the lines without tax',
      [part('Course', 10_000, '19', 1_900), part('Parking', 3_000, null), part('Voucher', -1_000, null)],
      ['Course: 10000 + 1900 (19 % on 10000)', 'Parking (after Voucher): 2000'],
    ],
    [
      'take what these can’t bear from the others, whose tax and its base stay',
      [part('Course', 10_000, '19', 1_900), part('Book', 2_000, '7', 140), part('Voucher', -1_200, null)],
      ['Course (after Voucher): 9000 + 1900 (19 % on 10000)', 'Book (after Voucher): 1800 + 140 (7 % on 2000)'],
    ],
    [
      'name what is taken from a line, and nothing that is charged beside it',
      [part('Course', 1_000, '19', 190), part('Stamp', 100, null), part('Voucher', -500, null)],
      ['Course (after Voucher): 600 + 190 (19 % on 1000)', 'Stamp (after Voucher): 0'],
    ],
    [
      'name nothing where nothing is taken: of what is free',
      [part('Course', 1_000, '19', 190), part('Handout', 0, '19', 0), part('Voucher', -500, null)],
      ['Course (after Voucher): 500 + 190 (19 % on 1000)', 'Handout: 0 + 0 (19 % on 0)'],
    ],
    [
      'name a reduction once that has a part with tax and one without',
      [part('Course', 1_000, '19', 190), part('Loyalty', -100, '19', -19), part('Loyalty', -100, null)],
      ['Course (after Loyalty): 800 + 171 (19 % on 900)'],
    ],
    [
      'keep the tax of each line as it was rounded, where nothing reduces it',
      [part('A', 10, '5', 1), part('B', 10, '5', 1), part('C', 10, '5', 1), part('D', 1_000, '5', 50)],
      ['A: 10 + 1 (5 % on 10)', 'B: 10 + 1 (5 % on 10)', 'C: 10 + 1 (5 % on 10)', 'D: 1000 + 50 (5 % on 1000)'],
    ],
    [
      'keep a tax that only roundings leave, where nothing has a base',
      [part('A', 0, '100', 1), part('B', 0, '100', 1), part('Off', 0, '100', -1)],
      ['A (after Off): 0 + 1 (100 % on 0)', 'B (after Off): 0 + 0 (100 % on 0)'],
    ],
    [
      'can tell of no reduction at a rate at which nothing else is charged',
      [part('Book', 10_000, '7', 700), part('Loyalty', -1_000, '19', -190)],
      undefined,
    ],
    [
      'nor of a voucher above what is charged before tax',
      [part('Course', 10_000, '19', 1_900), part('Voucher', -10_500, null)],
      undefined,
    ],
    [
      'nor of a negative tax that only roundings leave',
      [part('A', 2, '19', 0), part('B', 4, '19', 1), part('C', 4, '19', 1), part('Off', -10, '19', -3)],
      undefined,
    ],
  ];
  test.each(rows)('%s', (_what, parts, lines) => {
    expect(told(spreadReductions(parts))).toEqual(lines);
  });

  test('a rate of 0 % is told with its reason, no rate with nothing', () => {
    const lines = spreadReductions([part('Export', 10_000, '0'), part('Stamp', 100, null)]);
    expect(lines?.[0]?.tax_amounts).toEqual([
      {
        amount: 0,
        taxable_amount: 10_000,
        tax_rate_data: { display_name: 'Tax', percentage: 0, inclusive: false },
        taxability_reason: 'zero_rated',
      },
    ]);
    expect(lines?.[1]).not.toHaveProperty('tax_amounts');
    const [taxed] = spreadReductions([part('Book', 10_000, '7', 700)]) ?? [];
    expect(taxed?.tax_amounts, 'any other rate is its own reason').toEqual([
      { amount: 700, taxable_amount: 10_000, tax_rate_data: { display_name: 'Tax', percentage: 7, inclusive: false } },
    ]);
  });

  test('say how many pieces, and leave out what was not ticked', () => {
    expect(told(linesOfOwnInvoice(issued))).toEqual([
      '2 × Workshop (after Loyalty reduction): 20000 + 4000 (20 % on 20000)',
      'Book: 2500 + 125 (5 % on 2500)',
    ]);
    expect(told(linesOfOwnInvoice({ ...issued, paid_extras: [4] }))).toEqual([
      expect.stringMatching(/^2 × Workshop/),
      expect.stringMatching(/^Book/),
      expect.stringMatching(/^Recording/),
    ]);
  });

  test('what can’t be told so is one line over the whole', () => {
    const line = (id: number, unit_amount: number, tax_percent: string) => ({
      id,
      description: `Line ${id}`,
      quantity: 1,
      unit_amount,
      tax_percent,
      optional: false,
    });
    const invoice = { ...issued, lines: [line(1, 10_000, '7'), line(2, -1_000, '19')] };
    expect(linesOfOwnInvoice(invoice)).toEqual([{ description: 'Invoice 2026-00042', amount: 9_510 }]);
  });
});

const priced = fc.record({
  quantity: fc.integer({ min: 1, max: 9 }),
  unit_amount: fc.oneof(
    fc.integer({ min: 0, max: 200_000 }),
    fc.integer({ min: -40_000, max: -1 }),
    fc.integer({ min: -3, max: 3 }),
  ),
  tax_percent: fc.constantFrom(null, '0', '7', '8.1', '19', '50', '100'),
});

test('of any own invoice: bases, taxes and total are its own, and nothing is negative', () => {
  let spread = 0;
  fc.assert(
    fc.property(fc.array(priced, { minLength: 1, maxLength: 12 }), fc.boolean(), (drawn, inclusive) => {
      const lines: PricedLine[] = drawn.map((line, id) => ({ ...line, id, optional: false }));
      const amounts = amountsOf(lines, inclusive, []);
      const parts = lines.map(({ id, tax_percent: rate }) => {
        const { net = 0, tax = 0 } = amounts.lines.get(id) ?? {};
        return { description: `Line ${id}`, rate, net, tax };
      });
      const untold = sum(parts.filter(({ rate }) => rate === null).map(({ net }) => net));
      const bases = sum(amounts.taxes.map(({ taxable }) => taxable));
      const tellable = amounts.taxes.every(({ taxable, tax }) => taxable >= 0 && tax >= 0) && bases + untold >= 0;
      const documented = spreadReductions(parts);
      expect(documented !== undefined).toBe(tellable);
      if (!documented) return;
      if (parts.some(({ net }) => net < 0)) spread += 1;

      const byRate = new Map<number, { taxable: number; tax: number }>();
      let total = 0;
      for (const { amount = 0, tax_amounts: taxes } of documented) {
        expect(amount).toBeGreaterThanOrEqual(0);
        total += amount;
        for (const { amount: tax, taxable_amount: taxable, tax_rate_data: rate } of Array.isArray(taxes) ? taxes : []) {
          expect(tax).toBeGreaterThanOrEqual(0);
          expect(taxable).toBeGreaterThanOrEqual(amount);
          total += tax;
          const before = byRate.get(rate.percentage) ?? { taxable: 0, tax: 0 };
          byRate.set(rate.percentage, { taxable: before.taxable + taxable, tax: before.tax + tax });
        }
      }
      expect(total).toBe(amounts.gross);
      for (const { percent, taxable, tax } of amounts.taxes) {
        expect(byRate.get(Number(percent)) ?? { taxable: 0, tax: 0 }).toEqual({ taxable, tax });
      }
    }),
    propertyRun(2_000),
  );
  expect(spread, 'invoices with reductions that were told').toBeGreaterThan(100);
});

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
