import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { typedAmount } from '../../../../src/api/console/drafts/typed-amount.ts';
import { formatMoney } from '../../../../src/platform/money.ts';
import { propertyRun } from '../../../support/property.ts';

describe('an amount that a person writes', () => {
  test.each([
    ['1234.50', 'eur', 123_450],
    ['1234,50', 'eur', 123_450],
    ['1,234.50', 'eur', 123_450],
    ['1.234,50', 'EUR', 123_450],
    ['1 234,50', 'eur', 123_450],
    ['1’234.50', 'chf', 123_450],
    ['1,234,567', 'eur', 123_456_700],
    ['1.234.567,8', 'eur', 123_456_780],
    ['0.29', 'eur', 29],
    ['1.1', 'eur', 110],
    ['7', 'eur', 700],
    ['-40', 'eur', -4_000],
    ['−40.00', 'eur', -4_000],
    ['-0', 'eur', 0],
    ['1500', 'jpy', 1_500],
    ['1,500', 'jpy', 1_500],
    ['1.500', 'bhd', 1_500],
    ['1,500.250', 'bhd', 1_500_250],
    ['90071992547409.91', 'eur', 9_007_199_254_740_991],
  ])('%s in %s is %i minor units', (text, currency, amount) => {
    expect(typedAmount(text, currency)).toEqual({ amount });
  });

  test.each([
    ['1,234', 'eur', /not clear: write 1234 or 1\.23/],
    ['1.234', 'usd', /not clear/],
    ['1,500', 'bhd', /not clear: write 1500 or 1\.500/],
    ['0.005', 'eur', /at most 2 decimals in EUR/],
    ['12.5', 'jpy', /no decimals in JPY/],
    ['1.2345', 'bhd', /at most 3 decimals in BHD/],
    ['', 'eur', /must be an amount/],
    ['ten', 'eur', /must be an amount/],
    ['1e3', 'eur', /must be an amount/],
    ['0x10', 'eur', /must be an amount/],
    ['--1', 'eur', /must be an amount/],
    ['1,23,456.00', 'eur', /must be an amount/],
    ['1.234,567.00', 'eur', /must be an amount/],
    ['1,234.567.890', 'eur', /must be an amount/],
    ['90071992547409.92', 'eur', /too large/],
  ])('%s in %s is not guessed at', (text, currency, problem) => {
    expect(typedAmount(text, currency)).toEqual({ problem: expect.stringMatching(problem) });
  });
});

test('what we write ourselves is read back to the very amount', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -99_999_999, max: 99_999_999 }),
      fc.constantFrom('eur', 'jpy', 'bhd'),
      (amount, currency) => {
        expect(typedAmount(formatMoney({ amount, currency }).slice(4), currency)).toEqual({ amount });
      },
    ),
    propertyRun(1_000),
  );
});
