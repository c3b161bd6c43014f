import { describe, expect, test } from 'vitest';
import { DeliveryFailure } from '../../src/messages/delivery-failure.ts';
import { afterFailure } from '../../src/messages/retry-schedule.ts';

const HOUR = 3_600;
const down = new Error('connect ECONNREFUSED');

/** Seconds after each try, until the message is dead. */
function pauses(error: unknown, chance: number): number[] {
  const found: number[] = [];
  for (let attempts = 1; ; attempts += 1) {
    const after = afterFailure(error, attempts, chance);
    if (after.end !== 'retry') return found;
    found.push(after.seconds);
  }
}

test('a message is tried ten times within three days, at ever longer intervals', () => {
  const found = pauses(down, 0);
  expect(found).toEqual([5, 300, 1_800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 20 * HOUR]);
  const total = found.reduce((sum, pause) => sum + pause, 0);
  expect(total).toBeLessThan(72 * HOUR);
  expect(total).toBeGreaterThan(70 * HOUR);
});

test('chance shortens a pause by a tenth at most', () => {
  expect(pauses(down, 1)).toEqual(pauses(down, 0).map((pause) => expect.closeTo(pause * 0.9, 6)));
});

describe.each([1, 10])('after try %i', (attempts) => {
  test('a refusal for good ends it', () => {
    const refused = new DeliveryFailure('permanent', 'SMTP 550', '550 no such user');
    expect(afterFailure(refused, attempts, 0)).toEqual({ end: 'dead' });
  });

  test('an endpoint that is gone ends with it', () => {
    expect(afterFailure(new DeliveryFailure('gone', 'answer 410', '410'), attempts, 0)).toEqual({ end: 'gone' });
  });
});

test.each([
  ['less than our own pause', 1, 2, 5],
  ['more than our own pause', 1, 120, 120],
  ['more than anybody may ask for', 1, 10 * 24 * HOUR, 6 * HOUR],
  ['less than our own pause later on', 4, 60, 2 * HOUR],
])('an endpoint that asks for a pause gets %s', (_what, attempts, asked, seconds) => {
  const busy = new DeliveryFailure('temporary', 'answer 429', '429', asked);
  expect(afterFailure(busy, attempts, 0)).toEqual({ end: 'retry', seconds });
});
