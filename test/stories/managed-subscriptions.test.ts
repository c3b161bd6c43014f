import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { connect } from '../../src/platform/db.ts';
import { apiClient } from '../support/api-client.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { untilEventsDone } from '../support/one-invoice.ts';
import { policyFile } from '../support/policy-file.ts';
import { startStory } from '../support/story.ts';
import { customerWithCard, plansAccess, plansOf } from '../support/subscriptions.ts';

/** A subscription that the application and its customer cancel, resume and pause, with the events of each in any order. */
const { side, records, api, settings } = await startStory({
  workers: 2,
  env: { POLICY: policyFile({ access: plansAccess }) },
});
const plans = await plansOf(side);
const { stripe } = side;
const db = connect(settings.DATABASE_URL ?? '', { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());
const scopes = ['access:read', 'checkouts:write', 'subscriptions:read', 'subscriptions:write'];
const app = await apiClient(db, api.url, scopes);
await side.control('POST', '/_sim/webhooks', {
  shuffle: { seed: 11, window_ms: 60 },
  duplicates: { rate: 0.3, seed: 13, copies: 1 },
});

const settled = async () => {
  await side.control('POST', '/_sim/webhooks/flush', { timeout_ms: 10_000 });
  await untilEventsDone(records);
};
/** A renewal is a draft until its first webhooks were taken, and an hour more. */
async function pass(days: number): Promise<void> {
  for (const seconds of [days * 86_400, 2 * 3_600]) {
    await side.control('POST', '/_sim/clock/advance', { seconds });
    await settled();
  }
}
const answer = z.looseObject({
  version: z.number(),
  features: z.record(z.string(), z.looseObject({ until: z.string().nullable() })),
});
const accessOf = async (who: string) => answer.parse((await app.ask('GET', `/v1/customers/${who}/access`)).body);
const names = async (who: string) => Object.keys((await accessOf(who)).features).sort();
const read = async (id: string) => (await app.ask('GET', `/v1/subscriptions/${id}`)).body;
const deed = async (id: string, name: string, body: object = {}) =>
  (await app.ask('POST', `/v1/subscriptions/${id}/${name}`, { reason: 'he asked for it', ...body })).body;

async function subscribed(who: string, params: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const customer = await customerWithCard(side);
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: plans.pro.id }],
    metadata: { user_id: who },
    ...params,
  });
  await settled();
  return { id, customer: customer.id };
}

/** The customer presses a button on his page at Stripe. */
async function atPortal(subscription: string, pressed: 'cancel' | 'keep'): Promise<void> {
  const return_url = 'https://app.example/account';
  const opened = await app.ask('POST', `/v1/subscriptions/${subscription}/portal`, { return_url });
  const { url } = z.object({ url: z.string() }).parse(opened.body);
  const body = new URLSearchParams({ deed: pressed, subscription });
  expect((await fetch(url, { method: 'POST', redirect: 'manual', body })).status).toBe(303);
  await settled();
}

describe.each(['flexible', 'classic'] as const)('with %s billing', (type) => {
  const params = { billing_mode: { type } } as const;

  test('canceled on the customer’s page it keeps what is paid; the application resumes it, and it is renewed', async () => {
    const who = `member-${type}`;
    const { id } = await subscribed(who, params);
    const before = await accessOf(who);
    await atPortal(id, 'cancel');
    const live = await stripe.subscriptions.retrieve(id);
    expect([live.cancel_at_period_end, live.cancel_at === null]).toEqual([type === 'classic', false]);
    expect(await read(id)).toMatchObject({
      status: 'active',
      why: 'ends',
      possible: expect.arrayContaining(['resume']),
    });
    expect((await accessOf(who)).features).toMatchObject({ pro: { until: before.features.pro?.until } });

    expect(await deed(id, 'resume')).toMatchObject({ changed: true, subscription: { why: null, ends_at: null } });
    await settled();
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ cancel_at: null, cancel_at_period_end: false });
    await pass(32);
    const renewed = (await accessOf(who)).features.pro?.until ?? '';
    expect(renewed > (before.features.pro?.until ?? '')).toBe(true);
  });

  test('canceled by the application with its period, kept by the customer, canceled again, it ends then', async () => {
    const who = `leaver-${type}`;
    const { id } = await subscribed(who, params);
    await deed(id, 'cancel', { when: 'period_end' });
    await atPortal(id, 'keep');
    expect(await read(id)).toMatchObject({ why: null, ends_at: null });
    expect(await deed(id, 'cancel', { when: 'period_end' })).toMatchObject({ changed: true });
    expect(await names(who)).toEqual(['basic', 'pro']);
    await pass(32);
    expect(await read(id)).toMatchObject({ status: 'canceled', why: null, features: [], possible: [] });
    expect(await names(who)).toEqual([]);
  });
});

test('paused as a whole it is not billed and gives nothing; resumed, it is billed once, less what was left', async () => {
  const { id } = await subscribed('sailor');
  await deed(id, 'pause', { what: 'subscription' });
  await settled();
  await pass(40);
  expect([await names('sailor'), (await stripe.invoices.list({ subscription: id })).data.length]).toEqual([[], 1]);
  expect(await deed(id, 'resume')).toMatchObject({ changed: true, subscription: { status: 'active' } });
  expect(await names('sailor')).toEqual(['basic', 'pro']);
  await settled();
  const [resumption, ...more] = (await stripe.invoices.list({ subscription: id })).data;
  expect([resumption?.status, more.length]).toEqual(['paid', 1]);
  expect((resumption?.total ?? 3_000) < 3_000).toBe(true);
  expect(await names('sailor')).toEqual(['basic', 'pro']);
});

test('a trial that ends without a card is paused, and resumed it waits for its payment, not for a second invoice', async () => {
  const customer = await stripe.customers.create({ email: 'noa@example.com' });
  const { id } = await subscribed('guest', {
    customer: customer.id,
    trial_period_days: 7,
    trial_settings: { end_behavior: { missing_payment_method: 'pause' } },
  });
  expect(await names('guest')).toEqual(['basic', 'pro']);
  await pass(8);
  expect(await read(id)).toMatchObject({ status: 'canceled', why: 'paused', features: [] });
  const waiting = z
    .looseObject({ subscription: z.looseObject({ open_invoice: z.looseObject({ id: z.string() }) }) })
    .parse(await deed(id, 'resume'));
  await settled();
  expect(await deed(id, 'resume')).toMatchObject({ changed: false });
  expect(await names('guest')).toEqual([]);
  const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  await stripe.invoices.pay(waiting.subscription.open_invoice.id, { payment_method: card.id });
  await settled();
  expect(await read(id)).toMatchObject({ status: 'active', open_invoice: null, features: ['basic', 'pro'] });
});

test('the end of an old one, told late and doubled, takes nothing from the one that came after', async () => {
  const old = await subscribed('returner');
  await side.control('POST', '/_sim/webhooks', { paused: true });
  await deed(old.id, 'cancel', { when: 'now' });
  expect(await names('returner')).toEqual([]);
  const { id } = await stripe.subscriptions.create({
    customer: old.customer,
    items: [{ price: plans.pro.id }],
    metadata: { user_id: 'returner' },
  });
  await side.control('POST', '/_sim/webhooks', { paused: false });
  await settled();
  expect((await accessOf('returner')).features.pro).toMatchObject({ cause: `subscription:${id}` });
  expect(await read(old.id)).toMatchObject({ status: 'canceled', features: [] });
});
