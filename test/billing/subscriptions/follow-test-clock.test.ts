import { describe, expect, test } from 'vitest';
import { followTestClock } from '../../../src/billing/subscriptions/follow-test-clock.ts';
import { syncSubscription } from '../../../src/billing/subscriptions/sync-subscription.ts';
import { frozenTimeOf, timeOn, writeTestClock } from '../../../src/billing/subscriptions/test-clocks.ts';
import { fromUnix, after as later } from '../../../src/platform/clock.ts';
import { rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { onTestClock } from '../../support/on-test-clock.ts';
import { plansOf } from '../../support/subscriptions.ts';

/** What time it is for those whose time a test clock stops, as far as Stripe has told. */
const { deps, side } = await billingUnderTest();
const { db, stripe } = deps;
const plans = await plansOf(side);
const START = Date.parse('2031-05-01T09:00:00Z') / 1000;
const start = fromUnix(START);
const DAY = 86_400;

describe('an answer', () => {
  const asked = new Date('2026-01-01T00:00:00Z');
  const write = (id: string, seconds: number, from = asked, status: 'advancing' | 'ready' = 'ready') =>
    db.transaction((trx) => writeTestClock(trx, { id, status, frozenTime: later(start, seconds) }, from));

  test('tells whether the time is another one', async () => {
    expect(await write('clock_a', 0)).toBe(true);
    expect(await write('clock_a', 0)).toBe(false);
    expect(await write('clock_a', 60)).toBe(true);
    expect(await frozenTimeOf(db, 'clock_a')).toEqual(later(start, 60));
  });

  test('that is older than another changes nothing', async () => {
    await write('clock_b', 60);
    expect(await write('clock_b', 0, later(asked, -1))).toBe(false);
    expect(await frozenTimeOf(db, 'clock_b')).toEqual(later(start, 60));
  });

  test('on its way keeps the time of before, whatever it names', async () => {
    await write('clock_c', 0);
    expect(await write('clock_c', 600, asked, 'advancing')).toBe(false);
    expect(await frozenTimeOf(db, 'clock_c')).toEqual(start);
    expect(await write('clock_c', 600)).toBe(true);
  });
});

test('without a clock, or on one that nobody knows, it is what time it is', async () => {
  expect(await frozenTimeOf(db, null)).toBeNull();
  expect((await timeOn(db, 'clock_none')).getTime() - Date.now()).toBeLessThan(60_000);
});

test('a subscription brings its clock along, for no request more; an event of that is known then', async () => {
  const { clock, customer } = await onTestClock(side, START, async () => {});
  const { id } = await stripe.subscriptions.create({ customer, items: [{ price: plans.pro.id }] });
  await side.forgetRequests();
  await syncSubscription({ subscription: id }, deps);
  expect(await frozenTimeOf(db, clock)).toEqual(start);
  expect((await side.requests()).filter(({ url }) => url.includes('test_clocks'))).toEqual([]);
  const receivedAt = later(new Date(), -60);
  expect(await followTestClock({ testClock: clock }, { ...deps, receivedAt })).toMatchObject({
    reason: expect.stringContaining('since it arrived'),
  });
});

test('in live mode nobody asks', async () => {
  await side.forgetRequests();
  expect(await followTestClock({ testClock: 'clock_1' }, { ...deps, livemode: true })).toMatchObject({
    outcome: 'ignored',
  });
  expect(await side.requests()).toEqual([]);
});

test('what is gone with its clock has ended here, at the last time of that, even if Stripe finds it no more', async () => {
  const { clock, customer, advanceTo } = await onTestClock(side, START, async () => {});
  const { id } = await stripe.subscriptions.create({ customer, items: [{ price: plans.pro.id }] });
  await advanceTo(START + DAY);
  await syncSubscription({ subscription: id }, deps);
  await rows(
    db,
    `INSERT INTO subscriptions SELECT (jsonb_populate_record(s, '{"id": "sub_gone"}')).* FROM subscriptions s WHERE id = ?`,
    [id],
  );
  await stripe.testHelpers.testClocks.del(clock);
  const end = await followTestClock({ testClock: clock }, deps);
  expect(end).toMatchObject({ outcome: 'processed', reason: expect.stringContaining('not at Stripe any more') });
  expect(
    await rows(db, 'SELECT status, ended_at FROM subscriptions WHERE test_clock = ? ORDER BY id', [clock]),
  ).toEqual([
    { status: 'canceled', ended_at: later(start, DAY) },
    { status: 'canceled', ended_at: later(start, DAY) },
  ]);
  expect(await timeOn(db, clock)).toEqual(later(start, DAY));
});
