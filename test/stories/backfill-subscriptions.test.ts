import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { quittance } from '../support/command.ts';
import { freshDatabase } from '../support/database.ts';
import { until } from '../support/eventually.ts';
import { onTestClock } from '../support/on-test-clock.ts';
import { policyFile } from '../support/policy-file.ts';
import { startCli } from '../support/quittance-cli.ts';
import { endLeases, recordsOf } from '../support/records.ts';
import { freshRedis } from '../support/redis.ts';
import { openStripeAccount } from '../support/served.ts';
import { simulatedStripe } from '../support/simulated-stripe.ts';
import { customerWithCard, plansAccess, plansOf } from '../support/subscriptions.ts';

/** Subscriptions that were there before anybody listened: no event of them was ever delivered. */
const [database, redis, simulator] = await Promise.all([freshDatabase(), freshRedis(), openStripeAccount()]);
const side = simulatedStripe(simulator);
const records = recordsOf(database.url);
const settings = {
  DATABASE_URL: database.url,
  REDIS_URL: redis.url,
  STRIPE_SECRET_KEY: simulator.key,
  STRIPE_API_BASE: simulator.url,
  STRIPE_RATE_LIMIT: '0',
  STRIPE_ENDPOINT_RATE_LIMIT: '0',
  PUBLIC_URL: 'http://127.0.0.1:9',
  POLICY: policyFile({ access: plansAccess }),
};
const { stripe } = side;
const plans = await plansOf(side);
const DAY = 86_400;
const pass = (seconds: number) => side.control('POST', '/_sim/clock/advance', { seconds });

let people = 0;
async function subscribed(params: Partial<Stripe.SubscriptionCreateParams> = {}, customer?: string) {
  const who = customer ?? (await customerWithCard(side)).id;
  return stripe.subscriptions.create({
    customer: who,
    items: [{ price: plans.pro.id }],
    metadata: { user_id: `user-${++people}` },
    ...params,
  });
}
async function declined({ customer }: Stripe.Subscription): Promise<void> {
  const method = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: String(customer) });
  await stripe.customers.update(String(customer), { invoice_settings: { default_payment_method: method.id } });
}
const three = async (make: () => Promise<Stripe.Subscription>) => [await make(), await make(), await make()];

/** Thirty, of every status that Stripe has, with what an importer stumbles over. */
async function thePast(): Promise<void> {
  await side.control('POST', '/_sim/settings', { retry_days: [1], after_retries: 'unpaid' });
  const stranger = await stripe.products.create({ name: 'Secret' });
  const unknown = await stripe.prices.create({
    product: stranger.id,
    currency: 'eur',
    unit_amount: 700,
    recurring: { interval: 'month' },
  });
  await three(() => subscribed());
  await three(() => subscribed({ items: [{ price: plans.pro.id }, { price: plans.seats.id, quantity: 4 }] }));
  for (const one of await three(() => subscribed())) await stripe.subscriptions.cancel(one.id);
  for (const one of await three(() => subscribed())) await declined(one);
  const bare = { trial_period_days: 5, trial_settings: { end_behavior: { missing_payment_method: 'pause' } } } as const;
  await three(async () => subscribed(bare, (await stripe.customers.create()).id));
  await three(async () => subscribed({}, (await customerWithCard(side, {}, 'pm_card_chargeCustomerFail')).id));
  await pass(5 * DAY);
  for (const one of await three(() => subscribed())) await declined(one);
  await pass(31 * DAY);
  await pass(3 * 3_600);
  await three(async () => subscribed({}, (await customerWithCard(side, {}, 'pm_card_chargeCustomerFail')).id));
  await three(() => subscribed({ trial_period_days: 14 }));
  await subscribed({ metadata: {} });
  await subscribed({ items: [{ price: unknown.id }] });
  const { customer } = await onTestClock(side, Date.parse('2031-01-01T09:00:00Z') / 1000, async () => {});
  await subscribed({}, customer);
}

const everyone = async () => {
  const listed = await stripe.subscriptions.list({ status: 'all', limit: 100 });
  const clocks = await stripe.testHelpers.testClocks.list({ limit: 100 });
  const there = await Promise.all(
    clocks.data.map(async ({ id }) => (await stripe.subscriptions.list({ test_clock: id, status: 'all' })).data),
  );
  return [...listed.data, ...there.flat()].sort((one, other) => (one.id < other.id ? -1 : 1));
};
const kept = () =>
  records.rows<{ id: string; status: string; items: string[] }>(
    `select id, status, array(select price || ' ' || coalesce(quantity, 0) from subscription_items
                              where subscription = s.id order by subscription_items.id) as items
     from subscriptions s order by id`,
  );
/** All that there is of them, but for when it was asked. */
async function everything(): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const table of [
    'subscriptions',
    'subscription_items',
    'subscription_invoices',
    'subscription_invoice_lines',
    'subscription_payment_attempts',
    'recovery_cases',
    'access_grants',
    'access_states',
    'customers',
    'review_items',
    'messages',
    'test_clocks',
    'agreements',
  ]) {
    const without = ['synced_from', 'agreed_at', 'look_at', 'seen_again_at'].map((name) => `- '${name}'`).join(' ');
    found.push(
      ...(await records.rows(`select '${table}' as t, to_jsonb(t) ${without} as row from ${table} t order by 2`)),
    );
  }
  return found;
}

const dayOf = (days: number) => new Date(Date.now() + days * DAY * 1000).toISOString().slice(0, 10);
const endsIn = async (words: readonly string[], says: RegExp) => {
  const end = await quittance(words, settings);
  expect(end).toMatchObject({ code: 0, stdout: expect.stringMatching(says) });
};

test('thirty of every status are all kept, once; a killed run goes on, and a second one changes nothing', async () => {
  await thePast();
  const past = await everyone();
  expect(past).toHaveLength(30);
  expect(new Set(past.map(({ status }) => status)).size, 'all that Stripe has').toBe(8);
  const live = past.filter(({ status }) => status !== 'canceled' && status !== 'incomplete_expired').length;
  const command = ['backfill', '--since', dayOf(0)];

  await endsIn([...command, '--dry-run'], /^30 subscriptions would be asked about; 30 of them are not known here\.$/m);
  const ofLater = new RegExp(`^${live} subscriptions would be asked about; ${live} of them`, 'm');
  await endsIn(['backfill', '--since', dayOf(300), '--dry-run'], ofLater);
  expect(await kept(), 'a dry run keeps nothing').toEqual([]);

  const { child, ended } = startCli(command, settings);
  await until(async () => (await kept()).length >= 5, { timeout: 60_000, interval: 5, what: 'five are kept' });
  child.kill('SIGKILL');
  expect(await ended).toMatchObject({ signal: 'SIGKILL' });
  await endLeases(records);
  expect((await kept()).length, 'it died on the way').toBeLessThan(30);
  await endsIn(command, /^Going on with run 1: /m);

  expect(await kept()).toEqual(
    past.map(({ id, status, items }) => ({
      id,
      status,
      items: items.data
        .sort((one, other) => (one.id < other.id ? -1 : 1))
        .map(({ price, quantity }) => `${price.id} ${quantity}`),
    })),
  );
  const asked = await records.rows('select kind, count(*)::int as n from review_items group by 1 order by 1');
  expect(asked).toEqual([
    { kind: 'price_without_plan', n: 1 },
    { kind: 'subscription_without_reference', n: 1 },
  ]);
  expect(await records.rows('select from messages'), 'nobody is written to').toEqual([]);
  const versions = await records.rows('select distinct version::int as version from access_states');
  expect(versions, 'each decided once').toEqual([{ version: 1 }]);

  const state = await everything();
  await endsIn(command, / 0 documents created, 0 failed\.$/m);
  await endsIn([...command, '--dry-run'], /^30 subscriptions would be asked about; 0 of them are not known here\.$/m);
  expect(await everything()).toEqual(state);
}, 300_000);

test('one that has ended without a word is found, though it is older than the day that is named', async () => {
  const { id } = await subscribed();
  await endsIn(['backfill', '--since', dayOf(300)], /0 failed/);
  await stripe.subscriptions.cancel(id);
  await endsIn(['backfill', '--since', dayOf(300)], /0 failed/);
  expect(await records.row('select status from subscriptions where id = $1', [id])).toEqual({ status: 'canceled' });
}, 120_000);

test('one that goes on here and that Stripe does not know is named, and left as it is', async () => {
  const like = `insert into subscriptions select (jsonb_populate_record(s, '{"id": "sub_elsewhere", "status": "active"}')).* from subscriptions s limit 1`;
  await records.rows(like);
  const end = await quittance(['backfill', '--since', dayOf(300)], settings);
  expect(end).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^ {2}sub_elsewhere: .*not at Stripe any more/m),
  });
  expect(await records.row(`select status from subscriptions where id = 'sub_elsewhere'`)).toEqual({
    status: 'active',
  });
}, 120_000);
