import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ATTEMPTS, retryDelay, stripeEventJob, stripeEventJobOptions } from '../../src/jobs/stripe-event.ts';
import { propertyRun } from '../support/property.ts';

const QUARTER = 15 * 60_000;

test('delays double from a second to a quarter of an hour', () => {
  expect([1, 2, 3, 4, 10, 11, 12, 19].map((attempt) => retryDelay(attempt, 0))).toEqual([
    1_000,
    2_000,
    4_000,
    8_000,
    512_000,
    QUARTER,
    QUARTER,
    QUARTER,
  ]);
});

test('chance shortens a delay down to a half, never more, and it is a whole number of milliseconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, chance) => {
      const longest = retryDelay(attempt, 0);
      const delay = retryDelay(attempt, chance);
      expect(delay).toSatisfy(Number.isSafeInteger);
      expect(delay).toBeGreaterThanOrEqual(longest / 2);
      expect(delay).toBeLessThanOrEqual(longest);
      expect(longest).toBeLessThanOrEqual(QUARTER);
    }),
    propertyRun(300),
  );
});

test('all attempts together last about three hours without chance, half of it at least with', () => {
  const delays = Array.from({ length: ATTEMPTS - 1 }, (_, n) => n + 1);
  const hours = (chance: number) => delays.reduce((sum, attempt) => sum + retryDelay(attempt, chance), 0) / 3_600_000;
  expect(hours(0)).toBeGreaterThan(2.5);
  expect(hours(0)).toBeLessThan(3.5);
  expect(hours(1)).toBeGreaterThan(1.2);
  expect(stripeEventJobOptions.attempts).toBe(ATTEMPTS);
});

test('a job holds the id of an event and nothing else', () => {
  expect(stripeEventJob.parse({ eventId: 'evt_1' })).toEqual({ eventId: 'evt_1' });
  for (const wrong of [
    {},
    { eventId: 'pi_1' },
    { eventId: 'evt_1', email: 'ada@example.com' },
    { eventId: 'evt_a:b' },
  ]) {
    expect(stripeEventJob.safeParse(wrong).success).toBe(false);
  }
});
