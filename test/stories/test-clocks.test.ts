import { expect, test } from 'vitest';
import { z } from 'zod';
import { recoveryPolicy } from '../../src/billing/policy/recovery.ts';
import { writeDueLetters } from '../../src/billing/recovery/write-letters.ts';
import { connect } from '../../src/platform/db.ts';
import { apiClient } from '../support/api-client.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { onTestClock } from '../support/on-test-clock.ts';
import { untilEventsDone } from '../support/one-invoice.ts';
import { policyFile } from '../support/policy-file.ts';
import { startStory } from '../support/story.ts';
import { plansAccess, plansOf } from '../support/subscriptions.ts';

/** Time is moved by test clocks of Stripe, far from now on both sides; nobody waits, and no row is backdated. */
const { side, records, api, settings } = await startStory({
  workers: 2,
  env: { POLICY: policyFile({ access: plansAccess }) },
});
const plans = await plansOf(side);
const { stripe } = side;
const db = connect(settings.DATABASE_URL ?? '', { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());
const app = await apiClient(db, api.url, ['access:read']);
const DAY = 86_400;
const at = (moment: string) => new Date(moment).getTime() / 1000;

const settled = async () => {
  await side.control('POST', '/_sim/webhooks/flush', { timeout_ms: 10_000 });
  await untilEventsDone(records);
};
const answer = z.looseObject({
  as_of: z.string(),
  features: z.record(z.string(), z.looseObject({ until: z.string().nullable(), grace_until: z.string().nullable() })),
});
const ask = (who: string, etag?: string) =>
  app.ask('GET', `/v1/customers/${who}/access`, undefined, etag ? { 'if-none-match': etag } : {});
const accessOf = async (who: string) => answer.parse((await ask(who)).body);
const subscribe = (customer: string, user_id: string, params = {}) =>
  stripe.subscriptions.create({ customer, items: [{ price: plans.pro.id }], metadata: { user_id }, ...params });
const periodEnd = async (id: string) =>
  (await stripe.subscriptions.retrieve(id)).items.data[0]?.current_period_end ?? 0;
const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

test('a trial ends when the clock says so, and an answer from before is no answer any more', async () => {
  const start = at('2031-05-01T09:00:00Z');
  const { customer, advanceTo } = await onTestClock(side, start, settled);
  await subscribe(customer, 'trial', {
    trial_end: start + 14 * DAY,
    cancel_at: start + 14 * DAY,
  });
  await settled();
  const before = await ask('trial');
  expect(answer.parse(before.body)).toMatchObject({
    as_of: iso(start),
    features: { pro: { until: iso(start + 14 * DAY) } },
  });
  expect(before.headers.get('cache-control')).toBe('private, no-cache');
  const etag = before.headers.get('etag') ?? '';
  await advanceTo(start + 13 * DAY);
  expect((await ask('trial', etag)).status).toBe(304);
  await advanceTo(start + 15 * DAY);
  const ended = await ask('trial', etag);
  expect(ended.status).toBe(200);
  expect(answer.parse(ended.body).features).toEqual({});
});

test('a renewal is bridged over while it is on its way there, and goes on when it is paid', async () => {
  const { customer, advanceTo } = await onTestClock(side, at('2020-03-01T09:00:00Z'), settled);
  const { id } = await subscribe(customer, 'renewed');
  await settled();
  const end = await periodEnd(id);
  expect((await accessOf('renewed')).features.pro?.until).toBe(iso(end));
  await advanceTo(end + 60);
  expect((await accessOf('renewed')).features.pro?.until).toBe(iso(end + 73 * 3_600));
  await advanceTo(end + 2 * 3_600);
  expect((await accessOf('renewed')).features.pro?.until).toBe(iso(await periodEnd(id)));
});

test('a renewal that fails is kept in grace and written about, on the days of the clock', {
  timeout: 120_000,
}, async () => {
  await side.control('POST', '/_sim/settings', { retry_days: [3, 4, 5], after_retries: 'past_due' });
  const { customer, advanceTo, card } = await onTestClock(side, at('2031-06-02T09:30:00Z'), settled);
  const { id } = await subscribe(customer, 'late');
  await card('pm_card_chargeCustomerFail');
  const end = await periodEnd(id);
  const look = () => writeDueLetters(db, { policy: recoveryPolicy.parse({}), timeZone: 'UTC' });
  const days: (string | undefined)[] = [];
  await advanceTo(end + 60);
  for (const day of [0, 1, 2, 3, 6, 7, 9, 12, 13, 14, 15]) {
    await advanceTo(end + day * DAY + 2 * 3_600);
    await look();
    const { features } = await accessOf('late');
    days.push(features.pro?.grace_until ?? undefined);
  }
  const grace = iso(end + 14 * DAY);
  expect(days).toEqual([...Array.from({ length: 9 }, () => grace), undefined, undefined]);
  const letters = await records.rows<{ kind: string; day: number }>(
    `select kind, floor(extract(epoch from at - to_timestamp($2)) / 86400)::integer as day from recovery_letters
     where customer = $1 order by id`,
    [customer, end],
  );
  // 48 hours after the first failure; 4 days later. The end comes on day 12, when Stripe has given up.
  expect(letters).toEqual([
    { kind: 'failed', day: 2 },
    { kind: 'reminder', day: 6 },
    { kind: 'ended', day: 12 },
  ]);
  expect(await records.row('select state, how from recovery_cases where customer = $1', [customer])).toEqual({
    state: 'ended',
    how: 'exhausted',
  });
  const mails = await records.rows(`select state from messages where cap_key is not null or next_attempt_at > now()`);
  expect(mails, 'none waits for a day that is years away').toEqual([]);
});

test('a clock that is deleted takes what is on it along', async () => {
  const { clock, customer } = await onTestClock(side, at('2031-08-01T09:00:00Z'), settled);
  const { id } = await subscribe(customer, 'deleted');
  await settled();
  expect(Object.keys((await accessOf('deleted')).features)).toEqual(['basic', 'pro']);
  await stripe.testHelpers.testClocks.del(clock);
  await settled();
  expect((await accessOf('deleted')).features).toEqual({});
  expect(await records.row('select status from subscriptions where id = $1', [id])).toEqual({ status: 'canceled' });
  expect(await records.row('select status from test_clocks where id = $1', [clock])).toEqual({ status: 'deleted' });
});

test('what is beside it on no clock goes by the time of everybody', async () => {
  const { customer, advanceTo } = await onTestClock(side, at('2031-09-01T09:00:00Z'), settled);
  await subscribe(customer, 'both', { cancel_at_period_end: true });
  const other = await stripe.customers.create({
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  });
  await stripe.subscriptions.create({
    customer: other.id,
    items: [{ price: plans.basic.id }],
    metadata: { user_id: 'both' },
  });
  await settled();
  expect(Object.keys((await accessOf('both')).features)).toEqual(['basic', 'pro']);
  await advanceTo(at('2031-10-02T09:00:00Z'));
  const { features, as_of } = await accessOf('both');
  expect(Object.keys(features)).toEqual(['basic']);
  expect(as_of < '2031').toBe(true);
});
