import { expect, test } from 'vitest';
import { recoveryPolicy } from '../../../src/billing/policy/recovery.ts';
import { periodDays, plannedEnd } from '../../../src/billing/recovery/case-end.ts';

const own = recoveryPolicy.parse({ mode: 'own' });
const firstFailedAt = new Date('2026-03-01T09:00:00Z');

test.each([
  ['a month: as the policy says', 31, '2026-03-29T09:00:00.000Z'],
  ['three weeks: with the period', 21, '2026-03-22T09:00:00.000Z'],
  ['a week: with the period', 7, '2026-03-08T09:00:00.000Z'],
  ['no period that is known: as the policy says', undefined, '2026-03-29T09:00:00.000Z'],
])('a plan of %s', (_what, days, end) => {
  expect(plannedEnd({ firstFailedAt, periodDays: days }, own)?.toISOString()).toBe(end);
});

test('where Stripe ends the case nobody here plans it', () => {
  expect(plannedEnd({ firstFailedAt, periodDays: 31 }, recoveryPolicy.parse({}))).toBeUndefined();
});

const line = (days: number, proration = false) => ({
  proration,
  periodStart: firstFailedAt,
  periodEnd: new Date(firstFailedAt.getTime() + days * 86_400_000),
});
test.each([
  ['the shortest of several', [line(31), line(7), line(365)], 7],
  ['not a part of one', [line(31), line(3, true)], 31],
  ['nothing but parts', [line(3, true)], undefined],
  ['no time at all', [line(0), line(-1)], undefined],
  ['a day at least', [line(0.25)], 1],
  ['nothing', [], undefined],
])('the period of an invoice: %s', (_what, lines, days) => {
  expect(periodDays(lines)).toBe(days);
});
