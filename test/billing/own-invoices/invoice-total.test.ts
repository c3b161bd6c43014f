import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { amountsOf, amountsOfLine, type PricedLine } from '../../../src/billing/own-invoices/invoice-total.ts';
import { propertyRun } from '../../support/property.ts';

function line(given: Partial<PricedLine>): PricedLine {
  return { id: 1, quantity: 1, unit_amount: 1000, tax_percent: '0', optional: false, ...given };
}

describe('what an own invoice comes to', () => {
  test.each([
    ['no tax', [line({ quantity: 3, unit_amount: 333 })], false, [], { net: 999, tax: 0, gross: 999 }],
    [
      'tax on top, half a cent up',
      [line({ unit_amount: 1050, tax_percent: '9' })],
      false,
      [],
      { net: 1050, tax: 95, gross: 1145 },
    ],
    [
      'tax inside',
      [line({ unit_amount: 11900, tax_percent: '19' })],
      true,
      [],
      { net: 10000, tax: 1900, gross: 11900 },
    ],
    [
      'four decimals of a rate',
      [line({ unit_amount: 100_000, tax_percent: '8.8750' })],
      false,
      [],
      { net: 100_000, tax: 8875, gross: 108_875 },
    ],
    [
      'a reduction with tax',
      [line({ id: 1, unit_amount: 1000, tax_percent: '20' }), line({ id: 2, unit_amount: -500, tax_percent: '20' })],
      false,
      [],
      { net: 500, tax: 100, gross: 600 },
    ],
    [
      'an extra that is not ticked',
      [line({ id: 1 }), line({ id: 2, optional: true })],
      false,
      [],
      { net: 1000, tax: 0, gross: 1000 },
    ],
    [
      'an extra that is ticked',
      [line({ id: 1 }), line({ id: 2, optional: true, unit_amount: 250 })],
      false,
      [2],
      { net: 1250, tax: 0, gross: 1250 },
    ],
    [
      'a tick for a line that is not optional, or not there',
      [line({ id: 1 })],
      false,
      [1, 99],
      { net: 1000, tax: 0, gross: 1000 },
    ],
  ] as const)('%s', (_name, lines, inclusive, ticked, expected) => {
    const { net, tax, gross } = amountsOf(lines, inclusive, ticked);
    expect({ net, tax, gross }).toEqual(expected);
  });

  test.each<[string, Partial<PricedLine>, boolean, number]>([
    ['just below half a cent, down', { unit_amount: 1_049, tax_percent: '9' }, false, 94],
    ['half a cent, up', { unit_amount: 1_050, tax_percent: '9' }, false, 95],
    ['half a cent of a reduction, away from zero as well', { unit_amount: -1_050, tax_percent: '9' }, false, -95],
    ['inside the price: half a cent, up', { unit_amount: 3, tax_percent: '100' }, true, 2],
    ['inside a reduction', { unit_amount: -11_900, tax_percent: '19' }, true, -1_900],
    ['of all pieces at once, not of each', { quantity: 3, unit_amount: 5, tax_percent: '10' }, false, 2],
    ['of the smallest rate', { unit_amount: 10_000_000, tax_percent: '0.0001' }, false, 10],
    ['of a rate that no float has', { unit_amount: 10_000_000, tax_percent: '8.1' }, false, 810_000],
    ['of the rate below all', { unit_amount: 10_000_000, tax_percent: '99.9999' }, false, 9_999_990],
    [
      'of a price and a rate that a float would round',
      { unit_amount: 999_999_999_999, tax_percent: '99.9999' },
      false,
      999_998_999_999,
    ],
    ['of nothing', { unit_amount: 0, tax_percent: '19' }, false, 0],
    ['of no rate', { tax_percent: null }, false, 0],
    ['inside, of no rate', { tax_percent: null }, true, 0],
  ])('tax is rounded once per line: %s', (_what, says, inclusive, tax) => {
    const price = (says.quantity ?? 1) * (says.unit_amount ?? 1_000);
    expect(amountsOfLine(line(says), inclusive)).toEqual(
      inclusive ? { net: price - tax, tax, gross: price } : { net: price, tax, gross: price + tax },
    );
  });

  test('each line that counts has its own amounts', () => {
    const lines = [
      line({ id: 7, tax_percent: '19' }),
      line({ id: 8, optional: true }),
      line({ id: 9, optional: true }),
    ];
    expect([...amountsOf(lines, false, [9]).lines]).toEqual([
      [7, { net: 1_000, tax: 190, gross: 1_190 }],
      [9, { net: 1_000, tax: 0, gross: 1_000 }],
    ]);
  });

  test('a rate of 0 % is told, and what has no rate is not', () => {
    const lines = [line({ tax_percent: '0' }), line({ id: 2, tax_percent: null })];
    expect(amountsOf(lines, false, [])).toMatchObject({
      net: 2_000,
      tax: 0,
      taxes: [{ percent: '0', taxable: 1_000, tax: 0 }],
    });
  });

  test('taxes are told by rate, in ascending order, and sum to the tax of the lines', () => {
    const lines = [
      line({ id: 1, unit_amount: 10000, tax_percent: '19' }),
      line({ id: 2, unit_amount: 5000, tax_percent: '7' }),
      line({ id: 3, unit_amount: 2000, tax_percent: '19' }),
      line({ id: 4, tax_percent: null }),
    ];
    expect(amountsOf(lines, false, []).taxes).toEqual([
      { percent: '7', taxable: 5000, tax: 350 },
      { percent: '19', taxable: 12000, tax: 2280 },
    ]);
  });

  test('net and tax always sum to the gross, and prices that include tax are never changed by it', () => {
    const lines = fc.array(
      fc.record({
        quantity: fc.integer({ min: 1, max: 500 }),
        unit_amount: fc.integer({ min: -50_000, max: 500_000 }),
        tax_percent: fc.integer({ min: 0, max: 1_000_000 }).map((tenThousandths) => String(tenThousandths / 10_000)),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(lines, fc.boolean(), (given, inclusive) => {
        const priced = given.map((each, id) => line({ id, ...each }));
        const amounts = amountsOf(priced, inclusive, []);
        expect(amounts.net + amounts.tax).toBe(amounts.gross);
        if (inclusive)
          expect(amounts.gross).toBe(given.reduce((sum, each) => sum + each.quantity * each.unit_amount, 0));
        expect(amounts.taxes.reduce((sum, { tax }) => sum + tax, 0)).toBe(amounts.tax);
      }),
      propertyRun(300),
    );
  });
});
