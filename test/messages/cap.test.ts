import { expect, test } from 'vitest';
import { capVerdict, tooMany } from '../../src/messages/cap.ts';

/** At most so many letters, of which some were sent and some are perhaps being sent: what becomes of one more? */
test.each([
  [1, { sent: 0, underway: 0 }, 'goes'],
  [1, { sent: 0, underway: 1 }, 'waits'],
  [1, { sent: 1, underway: 0 }, 'too_many'],
  [3, { sent: 2, underway: 0 }, 'goes'],
  [3, { sent: 1, underway: 1 }, 'goes'],
  [3, { sent: 1, underway: 2 }, 'waits'],
  [3, { sent: 0, underway: 9 }, 'waits'],
  [3, { sent: 3, underway: 0 }, 'too_many'],
  [3, { sent: 3, underway: 1 }, 'too_many'],
  [3, { sent: 4, underway: 0 }, 'too_many'],
] as const)('at most %i, %o: one more %s', (most, others, verdict) => {
  expect(capVerdict(others, most)).toBe(verdict);
});

test.each([
  [3, 604_800, 'at most 3 within 7 days, and that many were sent'],
  [1, 86_400, 'at most 1 within 1 day, and that many were sent'],
  [2, 90_000, 'at most 2 within 25 hours, and that many were sent'],
  [2, 3_600, 'at most 2 within 1 hour, and that many were sent'],
  [2, 90, 'at most 2 within 90 seconds, and that many were sent'],
  [2, 1, 'at most 2 within 1 second, and that many were sent'],
])('%i within %i seconds is told as %j', (most, seconds, words) => {
  expect(tooMany(most, seconds)).toBe(words);
});
