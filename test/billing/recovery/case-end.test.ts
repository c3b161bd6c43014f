import { expect, test } from 'vitest';
import { recoveryPolicy } from '../../../src/billing/policy/recovery.ts';
import { graceEnd, plannedEnd } from '../../../src/billing/recovery/case-end.ts';

const own = recoveryPolicy.parse({ mode: 'own' });
const firstFailedAt = new Date('2026-03-01T09:00:00Z');

test.each([
  ['a month: as the policy says', 31, '2026-03-29T09:00:00.000Z', '2026-03-15T09:00:00.000Z'],
  ['three weeks: with the period', 21, '2026-03-22T09:00:00.000Z', '2026-03-15T09:00:00.000Z'],
  ['a week: both with the period', 7, '2026-03-08T09:00:00.000Z', '2026-03-08T09:00:00.000Z'],
])('a plan of %s', (_what, periodDays, end, grace) => {
  expect(plannedEnd({ firstFailedAt, periodDays }, own)?.toISOString()).toBe(end);
  expect(graceEnd({ firstFailedAt, periodDays }, own).toISOString()).toBe(grace);
});

test('where Stripe ends the case nobody here plans it, and grace is ours all the same', () => {
  const stripe = recoveryPolicy.parse({});
  expect(plannedEnd({ firstFailedAt, periodDays: 31 }, stripe)).toBeUndefined();
  expect(graceEnd({ firstFailedAt, periodDays: 31 }, stripe).toISOString()).toBe('2026-03-15T09:00:00.000Z');
});
