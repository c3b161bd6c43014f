import { expect, test } from 'vitest';
import { chargeProblem, whatIsCharged } from '../../src/platform/charges.ts';
import { LARGEST_CHARGE } from '../../src/platform/currencies.ts';

test.each([
  ['eur', 49, 'too_small'],
  ['eur', 50, undefined],
  ['gbp', 30, undefined],
  ['eur', 99_999_999, undefined],
  ['eur', 100_000_000, 'too_large'],
  ['EUR', 50, undefined],
  // Without a smallest charge of its own nothing is refused but nothing.
  ['pen', 0, 'too_small'],
  ['pen', 1, undefined],
  ['eur', -50, 'too_small'],
  ['jpy', 50, undefined],
  ['jpy', 99_999_999, undefined],
  ['idr', 250_000_000, undefined],
  ['idr', 999_999_999_999, undefined],
  ['idr', 1_000_000_000_000, 'too_large'],
  ['cop', 9_999_999_999, undefined],
  ['cop', 10_000_000_000, 'too_large'],
  ['inr', 999_999_999, undefined],
  ['inr', 1_000_000_000, 'too_large'],
  ['kwd', 10_510, undefined],
  ['kwd', 10_511, 'between_steps'],
  ['bhd', 5, 'too_small'],
  ['bhd', 15, 'between_steps'],
  ['jod', 1_005, 'between_steps'],
  ['omr', 1_005, 'between_steps'],
  ['tnd', 1_005, 'between_steps'],
  ['isk', 50_000, undefined],
  ['isk', 50_050, 'between_steps'],
  ['ugx', 50_000, undefined],
  ['ugx', 50_001, 'between_steps'],
  // Whole forints and New Taiwan dollars are asked of payouts only.
  ['huf', 17_501, undefined],
  ['twd', 1_050, undefined],
  ['cup', 1_000, 'unknown_currency'],
  ['irr', 1_000, 'unknown_currency'],
  ['kpw', 1_000, 'unknown_currency'],
  ['zwl', 1_000, 'unknown_currency'],
  ['xyz', 1_000, 'unknown_currency'],
  ['', 1_000, 'unknown_currency'],
])('a charge of %s %i: %s', (currency, amount, kind) => {
  expect(chargeProblem({ amount, currency })?.kind).toBe(kind);
});

test('the largest charge of all is that of rupiahs', () => {
  expect(chargeProblem({ amount: LARGEST_CHARGE, currency: 'idr' })).toBeUndefined();
  expect(chargeProblem({ amount: LARGEST_CHARGE + 1, currency: 'idr' })).toEqual({
    kind: 'too_large',
    largest: LARGEST_CHARGE,
  });
});

test.each([
  ['eur', 1, 'Stripe charges at least EUR 0.50'],
  ['idr', 1e12, 'Stripe charges at most IDR 9,999,999,999.99 at once'],
  ['kwd', 10_511, 'Stripe charges only multiples of KWD 0.010'],
  ['isk', 550, 'Stripe charges only multiples of ISK 1.00'],
  ['kpw', 100, 'Stripe does not charge KPW'],
])('the reason why %s %i is no charge names what is one', (currency, amount, words) => {
  const problem = chargeProblem({ amount, currency });
  expect(problem && whatIsCharged(problem, currency)).toBe(words);
});
