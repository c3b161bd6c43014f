import { expect, test } from 'vitest';
import { earliestOf, latestOf, roomFrom } from '../../../src/billing/recovery/spacing.ts';

const at = (day: number) => new Date(Date.UTC(2026, 0, day));
const DAY = 86_400;

test.each<[string, number[], number, number | undefined]>([
  ['nothing was', [], 1, undefined],
  ['the last one counts, in whatever order they are told', [3, 9, 5], 1, 19],
  ['the third last', [3, 9, 5], 3, 13],
  ['fewer than that', [3, 9, 5], 4, undefined],
])('ten days apart: %s', (_what, days, most, day) => {
  expect(roomFrom(days.map(at), most, 10 * DAY)).toEqual(day && at(day));
});

test('the moments stay as they were told', () => {
  const moments = [at(3), at(9), at(5)];
  roomFrom(moments, 1, DAY);
  expect(moments).toEqual([at(3), at(9), at(5)]);
});

test.each<[(number | undefined)[], latest: number, earliest: number]>([
  [[], 4, 4],
  [[undefined, 3], 4, 3],
  [[5, undefined, 9, 7], 9, 4],
])('of 4 and %j the latest is %i, the earliest %i', (others, latest, earliest) => {
  const moments = others.map((each) => (each === undefined ? each : at(each)));
  expect(latestOf(at(4), ...moments)).toEqual(at(latest));
  expect(earliestOf(at(4), ...moments)).toEqual(at(earliest));
});
