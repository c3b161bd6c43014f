import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { syncSubscription } from '../../../src/billing/subscriptions/sync-subscription.ts';
import { rows } from '../../../src/platform/db.ts';
import { featuresOf } from '../../support/access.ts';
import { apiClient, problemsIn } from '../../support/api-client.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { policyFile } from '../../support/policy-file.ts';
import { startApi } from '../../support/served.ts';
import { customerWithCard, plansAccess, plansOf } from '../../support/subscriptions.ts';
import { webhookSecrets } from '../../support/webhooks.ts';

/** How an application reads a subscription, cancels, resumes, pauses and unpauses it. */
const { deps, side, settings } = await billingUnderTest({ POLICY: policyFile({ access: plansAccess }) });
const { db, stripe } = deps;
const plans = await plansOf(side);
const api = await startApi({ ...settings, PORT: '0', STRIPE_WEBHOOK_SECRETS: webhookSecrets.join(',') });
const app = await apiClient(db, api.url, ['subscriptions:read', 'subscriptions:write']);

let people = 0;
async function subscribed(params: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const who = `user-${++people}`;
  const customer = await customerWithCard(side);
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: plans.pro.id }],
    metadata: { user_id: who },
    ...params,
  });
  await syncSubscription({ subscription: id }, deps);
  return { id, who, customer: customer.id };
}
const read = (id: string) => app.ask('GET', `/v1/subscriptions/${id}`);
const deed = (id: string, name: string, body: object = {}, headers: Record<string, string> = {}) =>
  app.ask('POST', `/v1/subscriptions/${id}/${name}`, { reason: 'he asked for it', ...body }, headers);
const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);

test('one is read with how it stands, what it is over and gives, and what can be done about it', async () => {
  const { id, who, customer } = await subscribed({
    items: [{ price: plans.pro.id }, { price: plans.seats.id, quantity: 3 }],
  });
  expect(await read(id)).toMatchObject({
    status: 200,
    body: {
      id,
      reference: who,
      customer,
      status: 'active',
      why: null,
      stripe_status: 'active',
      ends_at: null,
      items: [
        { plan: 'pro', name: 'Pro', lookup_key: 'pro_monthly', unit_amount: 3_000, interval: 'month', quantity: 1 },
        { plan: 'seats', name: 'Seats', quantity: 3, period_end: moment },
      ],
      features: ['basic', 'pro', 'seats'],
      until: (await featuresOf(deps, who)).pro?.until,
      open_invoice: null,
      possible: ['cancel_now', 'cancel_at_period_end', 'pause', 'pause_collection'],
    },
  });
});

test('a price that no plan names has none; what has run out is given no more', async () => {
  const product = await stripe.products.create({ name: 'Old' });
  const old = await stripe.prices.create({
    product: product.id,
    currency: 'eur',
    unit_amount: 100,
    recurring: { interval: 'month' },
  });
  const { id } = await subscribed({ items: [{ price: plans.pro.id }, { price: old.id }] });
  expect((await read(id)).body).toMatchObject({ items: [{ plan: 'pro' }, { plan: null, name: null }] });
  await rows(
    db,
    `UPDATE access_grants SET until = now() - interval '1 day', bridged_until = NULL WHERE cause = 'subscription:' || ?`,
    [id],
  );
  expect((await read(id)).body).toMatchObject({ features: [], until: null });
});

test('of several open invoices the oldest is told: that is the one to pay', async () => {
  const { id } = await subscribed();
  await rows(
    db,
    `INSERT INTO subscription_invoices (id, subscription, status, collection_method, currency, total, amount_due, amount_paid,
       amount_remaining, attempt_count, hosted_invoice_url, created, synced_from)
     SELECT 'in_open' || n, ?, 'open', 'charge_automatically', 'eur', n, n, 0, n, 1, 'https://pay.example/' || n,
            now() - make_interval(days => n), now() FROM generate_series(1, 3) n`,
    [id],
  );
  expect((await read(id)).body).toMatchObject({
    open_invoice: { id: 'in_open3', amount: 3, currency: 'eur', url: 'https://pay.example/3' },
  });
});

test('what is none, or not known, is not found', async () => {
  for (const id of ['sub_none', 'sub_sched_1', 'cus_1']) expect((await read(id)).status).toBe(404);
  expect((await deed('sub_none', 'resume')).status).toBe(404);
  expect((await deed('cus_1', 'cancel', { when: 'now' })).status).toBe(404);
});

describe('an application', () => {
  test('cancels with the period and resumes; asked again, nothing is done, and that is said', async () => {
    const { id, who } = await subscribed();
    const canceled = await deed(id, 'cancel', { when: 'period_end' });
    expect(canceled).toMatchObject({
      status: 200,
      body: {
        changed: true,
        detail: expect.stringMatching(/^It ends \d{4}-/),
        subscription: { id, status: 'active', why: 'ends', ends_at: moment, features: ['basic', 'pro'] },
      },
    });
    expect((await deed(id, 'cancel', { when: 'period_end' })).body).toMatchObject({ changed: false });
    expect((await deed(id, 'resume')).body).toMatchObject({
      changed: true,
      detail: 'It goes on.',
      subscription: { why: null, ends_at: null },
    });
    expect(Object.keys(await featuresOf(deps, who))).toHaveLength(2);
  });

  test('cancels now: nothing is given from then on, and it can’t be resumed', async () => {
    const { id, who } = await subscribed();
    expect((await deed(id, 'cancel', { when: 'now' })).body).toMatchObject({
      changed: true,
      detail: 'It has ended.',
      subscription: { status: 'canceled', ended_at: moment, features: [], until: null, possible: [] },
    });
    expect(await featuresOf(deps, who)).toEqual({});
    expect(await deed(id, 'resume')).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('POST /v1/checkouts') },
    });
  });

  test('pauses the collection until a day, and ends that', async () => {
    const { id } = await subscribed();
    const until = '2099-01-31T10:00:00.000Z';
    expect((await deed(id, 'pause', { what: 'collection', invoices: 'void', until })).body).toMatchObject({
      changed: true,
      detail: `Its invoices are not collected until ${until}.`,
      subscription: { status: 'active', why: 'collection_paused', collection_paused: { invoices: 'void', until } },
    });
    expect((await deed(id, 'unpause')).body).toMatchObject({
      changed: true,
      subscription: { collection_paused: null },
    });
    expect((await deed(id, 'unpause')).body).toMatchObject({ changed: false });
  });

  test('pauses it as a whole, and is told what is to be paid before it goes on', async () => {
    const { id, customer } = await subscribed({ trial_period_days: 7 });
    expect((await deed(id, 'pause', { what: 'subscription' })).body).toMatchObject({
      subscription: { status: 'canceled', why: 'paused', features: [], possible: ['cancel_now', 'resume', 'unpause'] },
    });
    const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: bad.id } });
    expect((await deed(id, 'resume')).body).toMatchObject({
      changed: true,
      detail: expect.stringMatching(/^It goes on when invoice in_\w+ is paid: http/),
      subscription: { status: 'canceled', why: 'paused', open_invoice: { amount: 3_000, url: expect.any(String) } },
    });
  });

  test('gets the first answer for the same Idempotency-Key, whatever happened since', async () => {
    const { id } = await subscribed();
    const key = { 'Idempotency-Key': 'cancel-1' };
    const first = await deed(id, 'cancel', { when: 'period_end' }, key);
    await deed(id, 'resume');
    const again = await deed(id, 'cancel', { when: 'period_end' }, key);
    expect([again.body, again.headers.get('idempotent-replayed')]).toEqual([first.body, 'true']);
    expect((await read(id)).body).toMatchObject({ ends_at: null });
  });

  test('is refused in a sentence, and leaves its name and reason in the audit log where something is done', async () => {
    const { id } = await subscribed({ billing_mode: { type: 'classic' } });
    expect(await deed(id, 'pause', { what: 'subscription' })).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/classic.*pause the collection/) },
    });
    await deed(id, 'pause', { what: 'collection', invoices: 'keep_as_draft', reason: 'on holiday' });
    expect(await rows(db, 'SELECT actor, action, reason, details FROM audit_log WHERE subject = ?', [id])).toEqual([
      {
        actor: expect.stringMatching(/^key:test-/),
        action: 'subscription.pause',
        reason: 'on holiday',
        details: { what: 'collection', invoices: 'keep_as_draft', until: null },
      },
    ]);
  });
});

describe('a key', () => {
  test('that may write and not read is told what came of it, and nothing else', async () => {
    const { id } = await subscribed();
    const writer = await apiClient(db, api.url, ['subscriptions:write']);
    expect(await writer.ask('POST', `/v1/subscriptions/${id}/cancel`, { when: 'now', reason: 'x' })).toMatchObject({
      status: 200,
      body: { changed: true, detail: 'It has ended.', subscription: null },
    });
    expect((await writer.ask('GET', `/v1/subscriptions/${id}`)).status).toBe(403);
  });

  test('that may read and not write changes nothing', async () => {
    const { id, who } = await subscribed();
    const reader = await apiClient(db, api.url, ['subscriptions:read', 'invoices:write', 'checkouts:write']);
    for (const name of ['cancel', 'resume', 'pause', 'unpause']) {
      const body = { when: 'now', what: 'subscription', reason: 'x' };
      expect((await reader.ask('POST', `/v1/subscriptions/${id}/${name}`, body)).status).toBe(403);
    }
    const others = await apiClient(db, api.url, ['access:read', 'invoices:read']);
    for (const what of ['subscriptions', 'invoices', 'payments']) {
      expect((await reader.ask('GET', `/v1/customers/${who}/${what}`)).status).toBe(200);
      expect((await others.ask('GET', `/v1/customers/${who}/${what}`)).status).toBe(403);
    }
  });
});

test.each<[string, object, Record<string, string>]>([
  ['cancel', {}, { '#/when': 'must be now or period_end' }],
  ['cancel', { when: 'later' }, { '#/when': 'must be now or period_end' }],
  ['cancel', { when: 'now', reason: ' ' }, { '#/reason': 'is required: why is this done?' }],
  ['cancel', { when: 'period_end', invoice_now: true }, { '#/invoice_now': 'is not known here' }],
  ['resume', { reason: undefined }, { '#/reason': 'is required: why is this done?' }],
  ['pause', {}, { '#/what': 'must be collection or subscription' }],
  ['pause', { what: 'collection' }, { '#/invoices': 'must be void, keep_as_draft, mark_uncollectible' }],
  [
    'pause',
    { what: 'collection', invoices: 'void', until: 'tomorrow' },
    { '#/until': 'must be a moment, such as 2026-12-31T09:05:00Z' },
  ],
  ['pause', { what: 'subscription', until: '2099-01-01T00:00:00Z' }, { '#/until': 'is not known here' }],
  ['unpause', { now: true }, { '#/now': 'is not known here' }],
])('%s %j is refused, and what is wrong is named', async (name, body, problems) => {
  const answer = await deed('sub_1', name, body);
  expect([answer.status, problemsIn(answer)]).toEqual([422, problems]);
});
