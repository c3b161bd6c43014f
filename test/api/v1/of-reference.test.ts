import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { assignOwner } from '../../../src/billing/access/manage-access.ts';
import { adjustPayment } from '../../../src/billing/adjustments/adjust-payment.ts';
import { openDeps } from '../../../src/billing/open-deps.ts';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { syncSubscription } from '../../../src/billing/subscriptions/sync-subscription.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { rows } from '../../../src/platform/db.ts';
import { coursesOf } from '../../support/access.ts';
import { apiClient, problemsIn } from '../../support/api-client.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { policyFile } from '../../support/policy-file.ts';
import { buy, payDirectly } from '../../support/purchases.ts';
import { startApi } from '../../support/served.ts';
import { customerWithCard, plansAccess, plansOf } from '../../support/subscriptions.ts';
import { refund } from '../../support/taken-back.ts';
import { webhookSecrets } from '../../support/webhooks.ts';

/** What an application reads of somebody: his subscriptions, their invoices, and what he has paid. */
const { side, settings: plain } = await billingUnderTest();
const plans = await plansOf(side);
const courses = await coursesOf(side);
const POLICY = policyFile({ access: { ...courses.access, plans: plansAccess.plans } });
const settings = { ...plain, POLICY };
const opened = openDeps(loadConfig(settings), { name: 'test', connections: 8 });
releaseAfterFile(() => opened.close());
const { deps } = opened;
const { db, stripe } = deps;
const api = await startApi({ ...settings, PORT: '0', STRIPE_WEBHOOK_SECRETS: webhookSecrets.join(',') });
const app = await apiClient(db, api.url, ['subscriptions:read']);

const list = z.object({ data: z.array(z.looseObject({ id: z.string() })), has_more: z.boolean() });
const ask = async (who: string, what: string, query = '') =>
  list.parse((await app.ask('GET', `/v1/customers/${encodeURIComponent(who)}/${what}${query}`)).body);
const ids = async (who: string, what: string, query = '') => (await ask(who, what, query)).data.map(({ id }) => id);

let people = 0;
const somebody = () => `user/${++people}`;
async function subscribed(reference: string | undefined, customer?: string) {
  const who = customer ?? (await customerWithCard(side)).id;
  const { id, latest_invoice } = await stripe.subscriptions.create({
    customer: who,
    items: [{ price: plans.pro.id }],
    ...(reference === undefined ? {} : { metadata: { user_id: reference } }),
  });
  await syncSubscription({ subscription: id }, deps);
  const invoice = String(latest_invoice);
  const { payments } = await stripe.invoices.retrieve(invoice, { expand: ['payments'] });
  const payment = String(payments?.data[0]?.payment.payment_intent);
  await settlePayment({ account: '', paymentIntent: payment }, deps);
  return { id, customer: who, invoice, payment };
}
async function bought(reference: string | undefined, customer?: string): Promise<string> {
  const payment = await buy(side, {
    line_items: [{ price: courses.oil.id, quantity: 1 }],
    ...(reference === undefined ? {} : { client_reference_id: reference }),
    ...(customer === undefined ? {} : { customer }),
  });
  await settlePayment({ account: '', paymentIntent: payment }, deps);
  return payment;
}
const by = { actor: 'test', reason: 'he said so' };

test('whom nothing is known of has nothing', async () => {
  for (const what of ['subscriptions', 'invoices', 'payments']) {
    expect(await ask('nobody', what)).toEqual({ data: [], has_more: false });
  }
});

test('somebody’s subscription, its invoice and its payment are told, with what went back', async () => {
  const who = somebody();
  const { id, invoice, payment } = await subscribed(who);
  expect(await ask(who, 'subscriptions')).toMatchObject({ data: [{ id, reference: who, items: [{ plan: 'pro' }] }] });
  expect(await ask(who, 'invoices')).toMatchObject({
    data: [
      {
        id: invoice,
        subscription: id,
        status: 'paid',
        reason: 'subscription_create',
        total: 3_000,
        amount_paid: 3_000,
        amount_remaining: 0,
        url: expect.stringMatching(/^http/),
      },
    ],
  });
  await refund(side, payment, { amount: 1_000 });
  await adjustPayment({ account: '', paymentIntent: payment }, deps);
  expect(await ask(who, 'payments')).toMatchObject({
    data: [
      {
        id: payment,
        amount: 3_000,
        currency: 'eur',
        refunded: 1_000,
        dispute_lost: false,
        subscription: id,
        invoice: { id: invoice },
      },
    ],
  });
});

test('what somebody bought is told with its document; without Checkout as well', async () => {
  const who = somebody();
  const { customer } = await subscribed(who);
  const course = await bought(who);
  const plainly = await payDirectly(side, { customer });
  await settlePayment({ account: '', paymentIntent: plainly }, deps);
  const { data } = await ask(who, 'payments');
  expect(data).toHaveLength(3);
  expect(data.find(({ id }) => id === course)).toMatchObject({
    amount: 9_900,
    subscription: null,
    invoice: { id: expect.stringMatching(/^in_/), number: expect.any(String), pdf: expect.stringMatching(/^http/) },
  });
  expect(data.map(({ id }) => id)).toContain(plainly);
});

describe('whose it is', () => {
  test('is the word of a person where there is one', async () => {
    const [one, other] = [somebody(), somebody()];
    const { id, invoice, payment } = await subscribed(undefined);
    const course = await bought(undefined);
    expect([await ids(one, 'subscriptions'), await ids(one, 'payments')]).toEqual([[], []]);
    await assignOwner(id, one, by, deps);
    await assignOwner(course, other, by, deps);
    expect(await ids(one, 'subscriptions')).toEqual([id]);
    expect(await ids(one, 'invoices')).toEqual([invoice]);
    expect(await ids(one, 'payments')).toEqual([payment]);
    expect(await ids(other, 'payments')).toEqual([course]);
  });

  test('is what each of them says, where one customer at Stripe pays for two; also after it has ended', async () => {
    const [one, other] = [somebody(), somebody()];
    const first = await subscribed(one);
    const second = await subscribed(other, first.customer);
    await stripe.subscriptions.cancel(second.id);
    await syncSubscription({ subscription: second.id }, deps);
    expect([await ids(one, 'subscriptions'), await ids(other, 'subscriptions')]).toEqual([[first.id], [second.id]]);
    expect([await ids(one, 'invoices'), await ids(other, 'invoices')]).toEqual([[first.invoice], [second.invoice]]);
    expect([await ids(one, 'payments'), await ids(other, 'payments')]).toEqual([[first.payment], [second.payment]]);
  });

  test('is nobody, where a person said so', async () => {
    const who = somebody();
    const { customer } = await subscribed(who);
    const second = await subscribed(undefined, customer);
    expect(await ids(who, 'subscriptions')).toContain(second.id);
    await assignOwner(second.id, null, by, deps);
    expect(await ids(who, 'subscriptions')).not.toContain(second.id);
    expect(await ids(who, 'payments')).not.toContain(second.payment);
  });
});

describe('a list', () => {
  test('is told in portions, newest first, on and back', async () => {
    const who = somebody();
    const { customer } = await subscribed(who);
    for (let n = 0; n < 2; n += 1) await subscribed(who, customer);
    await rows(
      db,
      `UPDATE payments SET paid_at = paid_at + make_interval(secs => random() * 1000) WHERE customer = ?`,
      [customer],
    );
    for (const what of ['subscriptions', 'invoices', 'payments']) {
      const all = await ids(who, what);
      expect(all).toHaveLength(3);
      const [first = '', second = '', third = ''] = all;
      expect(await ask(who, what, '?limit=2')).toMatchObject({ data: [{ id: first }, { id: second }], has_more: true });
      expect(await ask(who, what, `?limit=2&starting_after=${second}`)).toMatchObject({
        data: [{ id: third }],
        has_more: false,
      });
      expect(await ids(who, what, `?limit=1&ending_before=${third}`)).toEqual([second]);
    }
  });

  test.each(['subscriptions', 'invoices', 'payments'])(
    'of %s says what is wrong with how it is asked for',
    async (what) => {
      const wrong = (query: string) => app.ask('GET', `/v1/customers/user-1/${what}?${query}`);
      const unknown = await wrong('starting_after=sub_none');
      expect([unknown.status, problemsIn(unknown)]).toEqual([
        400,
        { starting_after: `is the id of no ${what.slice(0, -1)}` },
      ]);
      expect((await wrong('limit=101')).status).toBe(400);
      expect((await wrong('starting_after=x&ending_before=y')).status).toBe(400);
      expect((await wrong('what=x')).status).toBe(400);
    },
  );

  test('leads nowhere for a reference that is none', async () => {
    expect((await app.ask('GET', `/v1/customers/${'x'.repeat(201)}/payments`)).status).toBe(404);
  });
});
