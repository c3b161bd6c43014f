import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalsOf, formatMoney } from '../../src/platform/money.ts';
import { propertyRun } from '../support/property.ts';

test.each([
  [123_456, 'eur', 'EUR 1,234.56'],
  [0, 'eur', 'EUR 0.00'],
  [5, 'eur', 'EUR 0.05'],
  [-5, 'usd', 'USD -0.05'],
  [-100_000, 'usd', 'USD -1,000.00'],
  [99_999, 'gbp', 'GBP 999.99'],
  [100_000_000, 'gbp', 'GBP 1,000,000.00'],
  [1_234, 'jpy', 'JPY 1,234'],
  [0, 'jpy', 'JPY 0'],
  [1_234, 'kwd', 'KWD 1.234'],
  [12, 'bhd', 'BHD 0.012'],
  [50_000, 'isk', 'ISK 500.00'],
  [50_000, 'ugx', 'UGX 500.00'],
  [1_234, 'EUR', 'EUR 12.34'],
  [10_000_999_999_989_999n, 'idr', 'IDR 100,009,999,999,899.99'],
  [-5n, 'usd', 'USD -0.05'],
  [Number.MAX_SAFE_INTEGER, 'usd', 'USD 90,071,992,547,409.91'],
])('%s minor units of %s read as %s', (amount, currency, text) => {
  expect(formatMoney({ amount, currency })).toBe(text);
});

test('nothing is lost in the text of any amount: its digits and sign are the amount', () => {
  const currencies = fc.constantFrom('eur', 'jpy', 'krw', 'kwd', 'tnd', 'isk', 'huf');
  fc.assert(
    fc.property(fc.maxSafeInteger(), currencies, (amount, currency) => {
      const text = formatMoney({ amount, currency });
      expect(Number(text.replace(/[^\d-]/g, ''))).toBe(amount === 0 ? 0 : amount);
      expect(text.split('.')[1]?.length ?? 0).toBe(decimalsOf(currency));
    }),
    propertyRun(200),
  );
});
