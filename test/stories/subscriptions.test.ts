import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { connect } from '../../src/platform/db.ts';
import { apiClient } from '../support/api-client.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { until } from '../support/eventually.ts';
import { untilEventsDone } from '../support/one-invoice.ts';
import { policyFile } from '../support/policy-file.ts';
import { startStory } from '../support/story.ts';
import { customerWithCard, plansAccess, plansOf } from '../support/subscriptions.ts';

/** Subscriptions from Stripe's side to the answer that the application gets, whatever order the events come in. */
const { side, records, api, settings } = await startStory({
  workers: 2,
  env: { POLICY: policyFile({ access: plansAccess }) },
});
const plans = await plansOf(side);
const { stripe } = side;
const db = connect(settings.DATABASE_URL ?? '', { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());
const app = await apiClient(db, api.url, ['access:read']);
await side.control('POST', '/_sim/webhooks', {
  shuffle: { seed: 7, window_ms: 60 },
  duplicates: { rate: 0.3, seed: 9, copies: 1 },
});

const answer = z.looseObject({
  version: z.number(),
  features: z.record(z.string(), z.looseObject({ until: z.string().nullable(), grace_until: z.string().nullable() })),
});
const accessOf = async (who: string) => answer.parse((await app.ask('GET', `/v1/customers/${who}/access`)).body);
const names = async (who: string) => Object.keys((await accessOf(who)).features).sort();
const settled = async () => {
  await side.control('POST', '/_sim/webhooks/flush', { timeout_ms: 10_000 });
  await untilEventsDone(records);
};
/** What Stripe says now is what is kept. */
async function expectMirrored(id: string): Promise<void> {
  const live = await stripe.subscriptions.retrieve(id);
  const kept = await records.row<{ status: string; cancel_at_period_end: boolean; items: string[] }>(
    `select status, cancel_at_period_end,
            array(select id || ' ' || price || ' ' || extract(epoch from period_end)::bigint from subscription_items
                  where subscription = s.id order by id) as items
     from subscriptions s where id = $1`,
    [id],
  );
  expect(kept).toEqual({
    status: live.status,
    cancel_at_period_end: live.cancel_at_period_end,
    items: live.items.data.map((item) => `${item.id} ${item.price.id} ${item.current_period_end}`).sort(),
  });
}
const advance = (seconds: number) => side.control('POST', '/_sim/clock/advance', { seconds });
/** A renewal is a draft until its first webhooks were taken, and an hour more. */
async function pass(days: number): Promise<void> {
  await advance(days * 86_400);
  await settled();
  await advance(2 * 3_600);
  await settled();
}

test('sold in Checkout, it gives what its plan gives; renewed, for longer; canceled at Stripe, nothing', async () => {
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    client_reference_id: 'user-1',
    line_items: [{ price: plans.pro.id, quantity: 1 }],
    success_url: 'https://app.example/welcome',
  });
  await side.control('POST', '/_sim/checkout/pay', { session: session.id, email: 'ada@example.com' });
  await settled();
  const first = await until(async () => {
    const { features } = await accessOf('user-1');
    return features.pro ? features : undefined;
  });
  expect(Object.keys(first).sort()).toEqual(['basic', 'pro']);
  const { id } = await records.row<{ id: string }>(`select id from subscriptions where said_reference = 'user-1'`);
  await expectMirrored(id);

  await pass(32);
  await expectMirrored(id);
  const renewed = (await accessOf('user-1')).features.pro?.until ?? '';
  expect(renewed > (first.pro?.until ?? '')).toBe(true);

  await stripe.subscriptions.cancel(id);
  await settled();
  await expectMirrored(id);
  expect(await names('user-1')).toEqual([]);
});

test('a renewal that fails is kept in grace; a card that works brings it back', async () => {
  const customer = await customerWithCard(side);
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: plans.pro.id }],
    metadata: { user_id: 'user-2' },
  });
  await settled();
  expect((await accessOf('user-2')).features.pro).toMatchObject({ grace_until: null });
  const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id });
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: bad.id } });
  await pass(32);
  await expectMirrored(id);
  expect(await records.row('select status from subscriptions where id = $1', [id])).toEqual({ status: 'past_due' });
  expect((await accessOf('user-2')).features.pro?.grace_until).toEqual(expect.any(String));

  const good = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: good.id } });
  const { id: open } = await records.row<{ id: string }>(
    `select id from subscription_invoices where subscription = $1 and status = 'open'`,
    [id],
  );
  await stripe.invoices.pay(open);
  await settled();
  await expectMirrored(id);
  expect((await accessOf('user-2')).features.pro).toMatchObject({ grace_until: null });
});

describe('an old subscription', () => {
  test('that ends late takes nothing of the one that goes on', async () => {
    const customer = await customerWithCard(side);
    const make = (price: string) =>
      stripe.subscriptions.create({ customer: customer.id, items: [{ price }], metadata: { user_id: 'user-3' } });
    const [old, kept] = [await make(plans.pro.id), await make(plans.pro.id)];
    await stripe.subscriptions.cancel(old.id);
    await settled();
    await Promise.all([expectMirrored(old.id), expectMirrored(kept.id)]);
    expect((await accessOf('user-3')).features.pro).toMatchObject({ cause: `subscription:${kept.id}` });
  });
});

test('a price that no plan names is asked about, and never free', async () => {
  const product = await stripe.products.create({ name: 'Secret' });
  const price = await stripe.prices.create({
    product: product.id,
    currency: 'eur',
    unit_amount: 700,
    recurring: { interval: 'month' },
  });
  const customer = await customerWithCard(side);
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    metadata: { user_id: 'user-4' },
  });
  await settled();
  expect(await names('user-4')).toEqual([]);
  expect(await records.row('select kind, state from review_items where subject = $1', [id])).toEqual({
    kind: 'price_without_plan',
    state: 'open',
  });
  // The operator gives the price the key of a plan.
  await stripe.prices.update(price.id, { lookup_key: 'basic_monthly', transfer_lookup_key: true });
  await settled();
  await records.rows('update agreement_marks set next_try_at = now()');
  await until(async () => (await names('user-4')).join() === 'basic');
  expect(await records.row('select state from review_items where subject = $1', [id])).toEqual({ state: 'resolved' });
});

test('each change of a payment’s documents costs no request here', async () => {
  const reasons = await records.rows<{ reason: string }>(
    `select distinct reason from stripe_events where type like 'invoice.%' and outcome = 'ignored'`,
  );
  expect(
    reasons.map(({ reason }) => reason).filter((reason) => !/ours|of no subscription|no use case listens/.test(reason)),
  ).toEqual([]);
});
