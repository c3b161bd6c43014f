import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { syncSubscription } from '../../../src/billing/subscriptions/sync-subscription.ts';
import { rows } from '../../../src/platform/db.ts';
import { featuresOf } from '../../support/access.ts';
import { apiClient, problemsIn } from '../../support/api-client.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { policyFile } from '../../support/policy-file.ts';
import { startApi } from '../../support/served.ts';
import { plansAccess, plansOf } from '../../support/subscriptions.ts';
import { webhookSecrets } from '../../support/webhooks.ts';

/** Selling to somebody of the application, once. */
const POLICY = policyFile({
  access: {
    ...plansAccess,
    plans: { ...plansAccess.plans, trial: { name: 'Pro', prices: ['pro_monthly'], features: ['pro'], trial_days: 14 } },
  },
});
const { deps, side, settings } = await billingUnderTest({ POLICY });
const { db, stripe } = deps;
await plansOf(side);
const api = await startApi({ ...settings, PORT: '0', STRIPE_WEBHOOK_SECRETS: webhookSecrets.join(',') });
const app = await apiClient(db, api.url, ['checkouts:write', 'access:read']);

const page = z.object({ session: z.string(), url: z.string() });
const success_url = 'https://app.example/welcome';
const open = (body: object) => app.ask('POST', '/v1/checkouts', { success_url, ...body });
const opened = async (body: object) => page.parse((await open(body)).body);
const pay = (session: string) => side.control('POST', '/_sim/checkout/pay', { session, email: 'ada@example.com' });

let people = 0;
const somebody = () => `user-${++people}`;
async function subscribed(reference: string): Promise<string> {
  const { session } = await opened({ reference, plan: 'pro' });
  await pay(session);
  const { subscription } = await stripe.checkout.sessions.retrieve(session);
  const id = typeof subscription === 'string' ? subscription : (subscription?.id ?? '');
  await syncSubscription({ subscription: id }, deps);
  await rows(db, `UPDATE checkouts SET state = 'complete', closed_at = now() WHERE session = ?`, [session]);
  return id;
}

test('a plan is sold to a reference: paid, it gives what the plan gives', async () => {
  const reference = somebody();
  const { session, url } = await opened({ reference, plan: 'pro', email: 'ada@example.com' });
  expect(url).toMatch(/^http/);
  expect(await stripe.checkout.sessions.retrieve(session)).toMatchObject({
    mode: 'subscription',
    client_reference_id: reference,
    success_url,
  });
  await pay(session);
  const { subscription } = await stripe.checkout.sessions.retrieve(session);
  await syncSubscription({ subscription: String(subscription) }, deps);
  expect(Object.keys(await featuresOf(deps, reference)).sort()).toEqual(['basic', 'pro']);
});

test('a product is sold once, at its default price', async () => {
  const product = await stripe.products.create({
    name: 'Course',
    default_price_data: { currency: 'eur', unit_amount: 900 },
  });
  const { session } = await opened({ reference: somebody(), product: product.id });
  expect(await stripe.checkout.sessions.retrieve(session)).toMatchObject({ mode: 'payment', amount_total: 900 });
});

test('on the way back, a plan counts at once; so does a trial, for which nothing is paid', async () => {
  for (const plan of ['pro', 'trial']) {
    const reference = somebody();
    const { session } = await opened({ reference, plan });
    const back = () => app.ask('GET', `/v1/customers/${reference}/access?session=${session}&wait=0`);
    expect(await back()).toMatchObject({ status: 200, body: { pending: true, features: {} } });
    await pay(session);
    expect(await back()).toMatchObject({ status: 200, body: { pending: false, features: { pro: { allowed: true } } } });
  }
});

test('a customer who was deleted at Stripe has one successor', async () => {
  const reference = somebody();
  const { session } = await opened({ reference, plan: 'pro' });
  await stripe.checkout.sessions.expire(session);
  const { customer } = await stripe.checkout.sessions.retrieve(session);
  await stripe.customers.del(String(customer));
  const [again, other] = await Promise.all([
    opened({ reference, plan: 'basic' }),
    opened({ reference, plan: 'basic' }),
  ]);
  expect(again).toEqual(other);
  expect((await stripe.checkout.sessions.retrieve(again.session)).customer).not.toBe(customer);
});

describe('a customer from before is named', () => {
  const customer = async () => (await stripe.customers.create({ email: 'ada@example.com' })).id;

  test('he is this person from now on', async () => {
    const [reference, known] = [somebody(), await customer()];
    const { session } = await opened({ reference, customer: known, plan: 'pro' });
    expect(await stripe.checkout.sessions.retrieve(session)).toMatchObject({ customer: known });
    const next = await opened({ reference, plan: 'basic' });
    expect(await stripe.checkout.sessions.retrieve(next.session)).toMatchObject({ customer: known });
  });

  test('what he has of the product already stands in the way', async () => {
    const { reference, known } = { reference: somebody(), known: await customer() };
    await stripe.paymentMethods.attach('pm_card_visa', { customer: known });
    const price = (await stripe.prices.list({ lookup_keys: ['pro_monthly'] })).data[0]?.id ?? '';
    const had = await stripe.subscriptions.create({
      customer: known,
      items: [{ price }],
      payment_behavior: 'default_incomplete',
    });
    await syncSubscription({ subscription: had.id }, deps);
    expect(await open({ reference, customer: known, plan: 'pro' })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining(had.id) },
    });
  });

  test('as somebody else’s, or as none, he is refused', async () => {
    const known = await customer();
    await opened({ reference: somebody(), customer: known, plan: 'pro' });
    expect(await open({ reference: somebody(), customer: known, plan: 'pro' })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('somebody else') },
    });
    const deleted = await customer();
    await stripe.customers.del(deleted);
    for (const wrong of [deleted, 'cus_nobody']) {
      const refused = await open({ reference: somebody(), customer: wrong, plan: 'pro' });
      expect(problemsIn(refused)).toEqual({ '#/customer': expect.stringContaining('no customer at Stripe') });
    }
  });
});

describe('while a page is open', () => {
  test('the same again leads to it, twenty times at once too', async () => {
    const reference = somebody();
    const all = await Promise.all(Array.from({ length: 20 }, () => opened({ reference, plan: 'pro' })));
    expect(new Set(all.map(({ session }) => session)).size).toBe(1);
    expect(await opened({ reference, plan: 'pro' })).toEqual(all[0]);
    expect(await rows(db, 'SELECT FROM customers WHERE reference = ?', [reference])).toHaveLength(1);
  });

  test('another plan closes it first', async () => {
    const reference = somebody();
    const first = await opened({ reference, plan: 'pro' });
    const second = await opened({ reference, plan: 'basic' });
    expect(second.session).not.toBe(first.session);
    expect((await stripe.checkout.sessions.retrieve(first.session)).status).toBe('expired');
  });

  test('that was paid a moment ago, another plan is refused', async () => {
    const reference = somebody();
    const { session } = await opened({ reference, plan: 'pro' });
    await pay(session);
    const refused = await open({ reference, plan: 'basic' });
    expect(refused).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/completed a moment ago.*sub_/) },
    });
  });

  test('one that died between the row and the page is gone on with', async () => {
    const reference = somebody();
    const first = await opened({ reference, plan: 'pro' });
    await rows(db, `UPDATE checkouts SET state = 'opening', session = NULL, url = NULL WHERE reference = ?`, [
      reference,
    ]);
    expect(await opened({ reference, plan: 'pro' })).toEqual(first);
  });
});

describe('one subscription of a product', () => {
  test.each(['incomplete', 'trialing', 'active', 'past_due', 'unpaid', 'paused'])(
    'that is %s is enough',
    async (status) => {
      const reference = somebody();
      const id = await subscribed(reference);
      await rows(db, 'UPDATE subscriptions SET status = ? WHERE id = ?', [status, id]);
      const refused = await open({ reference, plan: 'pro' });
      expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining(id) } });
    },
  );

  test.each(['canceled', 'incomplete_expired'])('that is %s is none', async (status) => {
    const reference = somebody();
    const id = await subscribed(reference);
    await rows(db, 'UPDATE subscriptions SET status = ? WHERE id = ?', [status, id]);
    expect((await open({ reference, plan: 'pro' })).status).toBe(200);
  });
});

describe('the customer portal', () => {
  const return_url = 'https://app.example/account';
  const portal = (id: string, body: object = { return_url }) => app.ask('POST', `/v1/subscriptions/${id}/portal`, body);

  test('is opened for the customer of a subscription', async () => {
    const answer = await portal(await subscribed(somebody()));
    expect(answer).toMatchObject({ status: 200, body: { url: expect.stringMatching(/^http/) } });
  });

  test('not for one that has ended, nor for one that is none', async () => {
    const id = await subscribed(somebody());
    await rows(db, `UPDATE subscriptions SET status = 'canceled' WHERE id = ?`, [id]);
    expect(await portal(id)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('POST /v1/checkouts') },
    });
    expect((await portal('sub_none')).status).toBe(409);
    expect((await portal('cus_1')).status).toBe(404);
    expect((await portal(id, { return_url: 'x' })).status).toBe(422);
  });
});

test('a trial is offered once to each reference, also after its end', async () => {
  const reference = somebody();
  const { session } = await opened({ reference, plan: 'trial' });
  await pay(session);
  const { subscription } = await stripe.checkout.sessions.retrieve(session);
  const id = String(subscription);
  await syncSubscription({ subscription: id }, deps);
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'trialing' });
  await stripe.subscriptions.cancel(id);
  await syncSubscription({ subscription: id }, deps);
  const again = await opened({ reference, plan: 'trial' });
  await pay(again.session);
  const next = await stripe.checkout.sessions.retrieve(again.session);
  expect(await stripe.subscriptions.retrieve(String(next.subscription))).toMatchObject({
    status: 'active',
    trial_start: null,
  });
});

test.each<[object, Record<string, string>]>([
  [{}, { '#/reference': 'is required: who is it in the application?' }],
  [{ reference: 'a' }, { '#/plan': 'is required, or a product: one of the two' }],
  [{ reference: 'a', plan: 'pro', product: 'prod_1' }, { '#/plan': 'is required, or a product: one of the two' }],
  [{ reference: 'a', plan: 'gold' }, { '#/plan': 'must be a plan of the policy: basic, pro, seats, trial' }],
  [{ reference: 'a', plan: 'pro', price: 'basic_monthly' }, { '#/price': 'basic_monthly is no price of plan pro' }],
  [
    { reference: 'a', plan: 'pro', price: 'nothing' },
    { '#/price': 'nothing is no active price at Stripe, by its id or its lookup key' },
  ],
  [{ reference: 'a', product: 'prod_1', price: 'x' }, { '#/price': 'is one of a plan' }],
  [{ reference: 'a', product: 'prod_none' }, { '#/product': 'prod_none is not at Stripe' }],
  [{ reference: '', plan: 'pro' }, { '#/reference': 'must have 1 to 200 characters' }],
  [
    { reference: 'a', plan: 'pro', success_url: 'javascript:alert(1)' },
    { '#/success_url': 'must be an address that begins with https://' },
  ],
  [{ reference: 'a', plan: 'pro', quantity: 0 }, { '#/quantity': 'must be 1 to 10000' }],
])('%j is refused, and what is wrong is named', async (body, problems) => {
  const answer = await open(body);
  expect(answer.status).toBe(422);
  expect(problemsIn(answer)).toEqual(problems);
});
