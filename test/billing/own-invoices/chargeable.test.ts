import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { totalProblems } from '../../../src/billing/own-invoices/chargeable.ts';
import { amountsOf, type PricedLine } from '../../../src/billing/own-invoices/invoice-total.ts';
import { chargeProblem } from '../../../src/platform/charges.ts';
import { propertyRun } from '../../support/property.ts';

type Line = Omit<PricedLine, 'id'>;

const line = (unit_amount: number, more: Partial<Line> = {}): Line => ({
  quantity: 1,
  unit_amount,
  tax_percent: '0',
  optional: false,
  ...more,
});
const extra = (unit_amount: number, more: Partial<Line> = {}) => line(unit_amount, { ...more, optional: true });

function told(lines: readonly Line[], currency: string, inclusive = false): string[] {
  return totalProblems(lines, inclusive, currency).map(({ path, message }) => `${path.join('.')} ${message}`);
}

describe('what the lines of a draft come to', () => {
  test.each<[string, string, Line[], string[]]>([
    ['what Stripe charges', 'eur', [line(1_000, { tax_percent: '19' })], []],
    ['the smallest charge', 'eur', [line(50)], []],
    ['less', 'eur', [line(49)], ['lines come to EUR 0.49: Stripe charges at least EUR 0.50']],
    ['less without tax, enough with it', 'eur', [line(49, { tax_percent: '2' })], []],
    ['too little without its extra, enough with it', 'eur', [line(30), extra(500)], []],
    [
      'too little with every extra',
      'eur',
      [line(30), extra(10)],
      ['lines come to EUR 0.40 with all extras: Stripe charges at least EUR 0.50'],
    ],
    ['a reduction that is chosen, and leaves too little', 'eur', [line(1_000), extra(-980)], []],
    ['a choice, and nothing else', 'eur', [extra(1_000), extra(2_000)], []],
    ['nothing', 'eur', [line(0)], ['lines must come to more than zero']],
    ['less than nothing', 'eur', [line(100), line(-200)], ['lines must come to more than zero']],
    [
      'less than nothing, unless an extra is ticked',
      'eur',
      [line(-500), extra(1_000)],
      ['lines must not come to less than zero without extras (EUR -5.00)'],
    ],
    ['the largest charge', 'eur', [line(99_999_999)], []],
    [
      'more by the tax',
      'eur',
      [line(99_999_999, { tax_percent: '1' })],
      ['lines come to EUR 1,009,999.99, more than Stripe takes in one payment (EUR 999,999.99)'],
    ],
    [
      'more with every extra',
      'eur',
      [line(90_000_000), extra(5_000_000), extra(5_000_000)],
      ['lines come to EUR 1,000,000.00 with all extras, more than Stripe takes in one payment (EUR 999,999.99)'],
    ],
    ['2,500,000.00 in IDR', 'idr', [line(250_000_000)], []],
    ['all that IDR has', 'idr', [line(999_999, { quantity: 1_000_000 }), line(999_999)], []],
    [
      'a unit that is more than IDR has',
      'idr',
      [line(1e12)],
      ['lines.0.unit_amount is more than Stripe takes in one payment (IDR 9,999,999,999.99)'],
    ],
    [
      'a reduction below all bounds',
      'eur',
      [line(1_000), line(-100_000_000)],
      ['lines.1.unit_amount is too small: Stripe takes EUR 999,999.99 in one payment'],
    ],
    // Beyond 2^53, where sums are exact no more, though the two would cancel out.
    [
      'quantities beyond all bounds',
      'eur',
      [line(99_999_999, { quantity: 1_000_000 }), line(-99_999_999, { quantity: 1_000_000 }), line(1_000)],
      [
        'lines come to more than Stripe takes in one payment (EUR 999,999.99): line 1 alone does',
        'lines come to more than Stripe takes in one payment (EUR 999,999.99): line 2 alone does',
      ],
    ],
    ['10.010 in KWD without tax', 'kwd', [line(10_010)], []],
    [
      '1.001 in KWD, whatever is ticked',
      'kwd',
      [line(1_001), extra(1_000)],
      ['lines come without extras to KWD 1.001 with tax: Stripe charges only multiples of KWD 0.010'],
    ],
    [
      '10.010 in KWD and 5 %',
      'kwd',
      [line(10_010, { tax_percent: '5' })],
      ['lines come to KWD 10.511 with tax: Stripe charges only multiples of KWD 0.010'],
    ],
    ['parts that end in 5, and a total that ends in 0', 'bhd', [line(1_005), line(2_005)], []],
    ['ten times a price that ends in 1', 'tnd', [line(1_001, { quantity: 10 })], []],
    [
      'an extra that brings a last digit',
      'omr',
      [line(1_000), extra(500), extra(505)],
      ['lines.2.unit_amount comes to OMR 0.505 with tax: Stripe charges only multiples of OMR 0.010'],
    ],
    ['500 króna', 'isk', [line(50_000)], []],
    [
      '500.50 króna',
      'isk',
      [line(50_050)],
      ['lines come to ISK 500.50 with tax: Stripe charges only multiples of ISK 1.00'],
    ],
    [
      'whole shillings that a tax divides',
      'ugx',
      [line(99_900, { tax_percent: '18' })],
      ['lines come to UGX 1,178.82 with tax: Stripe charges only multiples of UGX 1.00'],
    ],
    ['a yen less than 50', 'jpy', [line(49)], ['lines come to JPY 49: Stripe charges at least JPY 50']],
    ...['cup', 'irr', 'kpw', 'zwl'].map((code): [string, string, Line[], string[]] => [
      `an amount in ${code}`,
      code,
      [line(1_000)],
      [`currency must be a currency that Stripe charges, which ${code.toUpperCase()} is not`],
    ]),
  ])('%s', (_what, currency, lines, problems) => {
    expect(told(lines, currency)).toEqual(problems);
  });

  test('with prices that include tax, the tax changes nothing', () => {
    expect(told([line(10_010, { tax_percent: '5' })], 'kwd', true)).toEqual([]);
  });

  test('is refused exactly when no selection of extras can be charged, or one breaks a rule other than the smallest charge', () => {
    const lines = fc.array(
      fc.record({
        quantity: fc.integer({ min: 1, max: 3 }),
        unit_amount: fc.oneof(fc.integer({ min: -60, max: 120 }), fc.constantFrom(-10, 10, 50, 1_000, 99_999_000)),
        tax_percent: fc.constantFrom('0', '0', '10', '19'),
        optional: fc.boolean(),
      }),
      { minLength: 1, maxLength: 7 },
    );
    fc.assert(
      fc.property(lines, fc.boolean(), fc.constantFrom('eur', 'kwd', 'isk', 'jpy'), (given, inclusive, currency) => {
        // One line that is larger than a payment is refused by itself, whatever takes it back.
        fc.pre(given.every(({ quantity, unit_amount }) => quantity * unit_amount <= 99_999_999));
        const priced = given.map((each, id) => ({ ...each, id }));
        const selections = subsets(priced.filter(({ optional }) => optional).map(({ id }) => id));
        const kinds = selections.map((ticked) => {
          const amount = amountsOf(priced, inclusive, ticked).gross;
          if (amount % (currency === 'kwd' ? 10 : currency === 'isk' ? 100 : 1) !== 0) return 'between_steps';
          return chargeProblem({ amount, currency })?.kind;
        });
        const payable = kinds.includes(undefined) && kinds.every((kind) => kind === undefined || kind === 'too_small');
        const negative = amountsOf(priced, inclusive, []).gross < 0;
        expect(totalProblems(given, inclusive, currency).length === 0).toBe(payable && !negative);
      }),
      propertyRun(300),
    );
  });
});

function subsets(ids: readonly number[]): number[][] {
  return Array.from({ length: 2 ** ids.length }, (_, bits) => ids.filter((_id, position) => (bits >> position) & 1));
}
