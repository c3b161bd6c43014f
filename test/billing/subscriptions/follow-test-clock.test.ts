import { describe, expect, test } from 'vitest';
import { settleThenAdjust } from '../../../src/billing/adjustments/settle-then-adjust.ts';
import { openDeps } from '../../../src/billing/open-deps.ts';
import { addEndpoint } from '../../../src/billing/outgoing/manage-endpoints.ts';
import { followTestClock } from '../../../src/billing/subscriptions/follow-test-clock.ts';
import { syncSubscription } from '../../../src/billing/subscriptions/sync-subscription.ts';
import { frozenTimeOf, timeOn, writeTestClock } from '../../../src/billing/subscriptions/test-clocks.ts';
import { fromUnix, after as later } from '../../../src/platform/clock.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { rows } from '../../../src/platform/db.ts';
import { buyCourses, coursesOf, featuresOf, toldOfAccess } from '../../support/access.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { onTestClock } from '../../support/on-test-clock.ts';
import { policyFile } from '../../support/policy-file.ts';
import { customerWithCard, plansOf } from '../../support/subscriptions.ts';

/** What time it is for those whose time a test clock stops, as far as Stripe has told. */
const { side, settings } = await billingUnderTest();
const plans = await plansOf(side);
const courses = await coursesOf(side);
const opened = openDeps(
  loadConfig({ ...settings, POLICY: policyFile({ access: { ...courses.access, ...plans.access } }) }),
  { name: 'test', connections: 12 },
);
releaseAfterFile(() => opened.close());
const { deps } = opened;
const { db, stripe } = deps;
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

test('what is renewed on the way goes on without a gap, whichever event is first', async () => {
  await addEndpoint(db, { url: 'http://127.0.0.1:9/told', types: [], allowPrivate: true }, 'test');
  const { clock, customer, advanceTo } = await onTestClock(side, START, async () => {});
  const subscribe = (user_id: string) =>
    stripe.subscriptions.create({ customer, items: [{ price: plans.pro.id }], metadata: { user_id } });
  const [first, second] = [await subscribe('first'), await subscribe('second')];
  for (const { id } of [first, second]) await syncSubscription({ subscription: id }, deps);
  await advanceTo(START + 35 * DAY);
  await syncSubscription({ subscription: first.id }, deps);
  await followTestClock({ testClock: clock }, deps);
  const told = ['changed 1 basic,pro', 'granted 1 basic', 'granted 1 pro', 'changed 2 basic,pro'];
  expect(await toldOfAccess(db, 'first')).toEqual(told);
  expect(await toldOfAccess(db, 'second')).toEqual(told);
  await advanceTo(START + 36 * DAY);
  await followTestClock({ testClock: clock }, deps);
  expect(await toldOfAccess(db, 'first'), 'nothing is another').toEqual(told);
});

test('a course that somebody on a clock has bought for thirty days ends there after thirty', async () => {
  const now = Math.floor(Date.now() / 1000);
  const { clock, customer, advanceTo } = await onTestClock(side, now, async () => {});
  await followTestClock({ testClock: clock }, deps);
  const payment = await buyCourses(side, [courses.oil], { customer, client_reference_id: 'painter' });
  await settleThenAdjust({ account: '', paymentIntent: payment }, deps);
  expect(Object.keys(await featuresOf(deps, 'painter'))).toEqual(['oil', 'video-hours']);
  await advanceTo(now + 31 * DAY);
  await followTestClock({ testClock: clock }, deps);
  expect(await featuresOf(deps, 'painter')).toEqual({});
});

test('in live mode nobody asks', async () => {
  await side.forgetRequests();
  expect(await followTestClock({ testClock: 'clock_1' }, { ...deps, livemode: true })).toMatchObject({
    outcome: 'ignored',
  });
  expect(await side.requests()).toEqual([]);
  const { id } = await stripe.subscriptions.create({
    customer: (await customerWithCard(side)).id,
    items: [{ price: plans.pro.id }],
  });
  await syncSubscription({ subscription: id }, { ...deps, livemode: true });
  expect((await side.requests()).filter(({ url }) => url.includes('test_clock'))).toEqual([]);
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
