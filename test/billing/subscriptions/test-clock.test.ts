import { describe, expect, test } from 'vitest';
import { testClockOf, triedAt } from '../../../src/billing/subscriptions/test-clock.ts';
import { after as later, toUnix } from '../../../src/platform/clock.ts';

/** The time of a test clock, as Stripe tells it. */
const invoiced = new Date('2026-03-01T10:00:00Z');
const frozenTime = later(invoiced, 7_200);

describe('a try to pay that failed happened', () => {
  test.each<[string, Date | null, Date, Date]>([
    ['when Stripe says, in the time of the clock', later(invoiced, 60), frozenTime, later(invoiced, 60)],
    ['with its invoice', invoiced, frozenTime, invoiced],
    ['at the moment of the clock', frozenTime, frozenTime, frozenTime],
    [
      'as late as can be, where Stripe tells the time of a machine behind the clock',
      later(invoiced, -1),
      frozenTime,
      frozenTime,
    ],
    ['as late as can be, where it tells that of one ahead of it', later(frozenTime, 1), frozenTime, frozenTime],
    ['as late as can be, where it tells none', null, frozenTime, frozenTime],
    ['not before its invoice, while the clock is on its way', later(invoiced, 900), later(invoiced, -3_600), invoiced],
  ])('%s', (_when, said, clock, at) => {
    expect(triedAt(said, { invoiced, frozenTime: clock })).toEqual(at);
  });
});

const clock = {
  id: 'clock_1',
  object: 'test_helpers.test_clock',
  created: 1,
  deletes_after: 2,
  frozen_time: toUnix(frozenTime),
  livemode: false,
  name: null,
  status_details: {},
} as const;

test('a status that nobody knows is an error, not a guess', () => {
  expect(testClockOf({ ...clock, status: 'advancing' })).toEqual({ id: 'clock_1', status: 'advancing', frozenTime });
  expect(() => testClockOf({ ...clock, status: 'rewinding' })).toThrow('Stripe says rewinding of clock_1');
});
