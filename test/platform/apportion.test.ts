import { expect, test } from 'vitest';
import { apportion } from '../../src/platform/apportion.ts';

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
