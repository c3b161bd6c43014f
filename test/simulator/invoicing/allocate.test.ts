import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocate, percentOf } from '../../../simulator/core/allocate.ts';

const seed = Number(process.env.TEST_SEED ?? 20_261_028);

test('shares add up to the amount, and none is further than one unit from its exact part', () => {
  const amounts = fc.integer({ min: -99_999_999, max: 99_999_999 });
  const weights = fc.array(fc.nat(99_999_999), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(amounts, weights, (amount, shares) => {
      const parts = allocate(amount, shares);
      const total = shares.reduce((sum, share) => sum + share, 0);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(amount);
      if (total === 0) return;
      for (const [index, part] of parts.entries()) {
        expect(Math.abs(part - (amount * (shares[index] ?? 0)) / total)).toBeLessThanOrEqual(1);
      }
    }),
    { seed },
  );
});

test.each([
  [100, [1, 1, 1], [34, 33, 33]],
  [-100, [1, 1, 1], [-34, -33, -33]],
  [5, [0, 0], [5, 0]],
  [0, [3, 4], [0, 0]],
  [7, [], []],
])('%i over %j is %j', (amount, weights, parts) => {
  expect(allocate(amount, weights)).toEqual(parts);
});

test.each([
  [1000, 19, 190],
  [333, 7.7, 26],
  [-333, 7.7, -26],
  [150, 33.3333, 50],
  [5, 50, 3],
])('of %i, %d per cent are %i', (amount, percent, share) => {
  expect(percentOf(amount, percent)).toBe(share);
});
