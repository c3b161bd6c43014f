import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { openDeps } from '../../../src/billing/open-deps.ts';
import { findSubscription } from '../../../src/billing/subscriptions/subscriptions.ts';
import { refreshInvoice, syncBegun, syncSubscription } from '../../../src/billing/subscriptions/sync-subscription.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { rows } from '../../../src/platform/db.ts';
import { featuresOf } from '../../support/access.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { policyFile } from '../../support/policy-file.ts';
import { customerWithCard, plansOf } from '../../support/subscriptions.ts';

/** A subscription and what is derived from it, in agreement with what Stripe says now. */
const { side, settings } = await billingUnderTest();
const plans = await plansOf(side);
const opened = openDeps(loadConfig({ ...settings, POLICY: policyFile({ access: plans.access }) }), {
  name: 'test',
  connections: 12,
});
releaseAfterFile(() => opened.close());
const { deps } = opened;
const { db, stripe } = deps;

let people = 0;
async function subscribed(
  items: Stripe.SubscriptionCreateParams.Item[] = [{ price: plans.pro.id }],
  params: Partial<Stripe.SubscriptionCreateParams> = {},
) {
  const who = `user-${++people}`;
  const customer = await customerWithCard(side);
  const made = await stripe.subscriptions.create({
    customer: customer.id,
    items,
    metadata: { user_id: who },
    ...params,
  });
  await syncSubscription({ subscription: made.id }, deps);
  return { who, customer: customer.id, id: made.id, made };
}
const advance = (days: number) => side.control('POST', '/_sim/clock/advance', { seconds: days * 86_400 });

test('a new one is kept whole, with items, prices, its invoice, and gives what its plan gives', async () => {
  const { who, id, made } = await subscribed([{ price: plans.pro.id }, { price: plans.seats.id, quantity: 3 }]);
  expect(await findSubscription(db, id)).toMatchObject({
    id,
    status: 'active',
    collectionMethod: 'charge_automatically',
    billingMode: 'flexible',
    items: [
      { quantity: 1, price: { lookupKey: 'pro_monthly' } },
      { quantity: 3, price: { lookupKey: 'seat_monthly' } },
    ],
  });
  expect(
    await rows(db, 'SELECT status, billing_reason, total FROM subscription_invoices WHERE subscription = ?', [id]),
  ).toEqual([{ status: 'paid', billing_reason: 'subscription_create', total: 4_500 }]);
  expect(await rows(db, `SELECT name FROM products WHERE name IN ('Pro', 'Seats') ORDER BY name`)).toEqual([
    { name: 'Pro' },
    { name: 'Seats' },
  ]);
  const until = new Date((made.items.data[0]?.current_period_end ?? 0) * 1000).toISOString();
  expect(await featuresOf(deps, who)).toEqual({
    basic: expect.objectContaining({ until, cause: `subscription:${id}`, value: null }),
    pro: expect.objectContaining({ until }),
    seats: expect.objectContaining({ until, value: 3 }),
  });
});

describe('asking Stripe', () => {
  const requestsFor = async (id: string) =>
    (await side.requests()).filter(({ url, method }) => method === 'GET' && url.includes(id)).length;

  test('an event that was here before it was asked last costs no request', async () => {
    const { id } = await subscribed();
    const before = await requestsFor(id);
    const receivedAt = new Date(Date.now() - 60_000);
    expect(await syncSubscription({ subscription: id }, { ...deps, receivedAt })).toMatchObject({
      outcome: 'processed',
      reason: expect.stringContaining('since it arrived'),
    });
    expect(await requestsFor(id)).toBe(before);
    await syncSubscription({ subscription: id }, { ...deps, receivedAt: new Date(Date.now() + 60_000) });
    expect(await requestsFor(id)).toBe(before + 1);
  });

  test('an older answer never overwrites a newer one', async () => {
    const { id } = await subscribed();
    await rows(
      db,
      `UPDATE subscriptions SET synced_from = now() + interval '1 minute', status = 'past_due' WHERE id = ?`,
      [id],
    );
    await syncSubscription({ subscription: id }, deps);
    expect(await findSubscription(db, id)).toMatchObject({ status: 'past_due' });
  });

  test('what was removed from its metadata is gone here, too', async () => {
    const { id, who } = await subscribed();
    expect((await findSubscription(db, id))?.metadata).toEqual({ user_id: who });
    await stripe.subscriptions.update(id, { metadata: { user_id: '', order: '7' } });
    await syncSubscription({ subscription: id }, deps);
    expect((await findSubscription(db, id))?.metadata).toEqual({ order: '7' });
  });

  test('one that is not at Stripe is no failure', async () => {
    expect(await syncSubscription({ subscription: 'sub_none' }, deps)).toMatchObject({ outcome: 'ignored' });
    expect(await refreshInvoice({ invoice: 'in_none' }, deps)).toMatchObject({ outcome: 'ignored' });
  });

  test('an invoice of a subscription that is not known here brings it along', async () => {
    const customer = await customerWithCard(side);
    const made = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: plans.basic.id }] });
    const invoice = typeof made.latest_invoice === 'string' ? made.latest_invoice : (made.latest_invoice?.id ?? '');
    expect(await refreshInvoice({ invoice }, deps)).toMatchObject({ outcome: 'processed', subscription: made.id });
    expect(await findSubscription(db, made.id)).toMatchObject({ status: 'active' });
  });

  test('an invoice of no subscription is ignored', async () => {
    const customer = await customerWithCard(side);
    const invoice = await stripe.invoices.create({ customer: customer.id });
    expect(await refreshInvoice({ invoice: invoice.id }, deps)).toMatchObject({ outcome: 'ignored' });
  });
});

describe('one that begins in Checkout', () => {
  /** Incomplete at first: the card is declined, and the session stays open. */
  async function declined(reference: string) {
    const { id: customer } = await customerWithCard(side);
    const session = await stripe.checkout.sessions.create({
      mode: 'subscription',
      customer,
      client_reference_id: reference,
      line_items: [{ price: plans.pro.id, quantity: 1 }],
      success_url: 'https://app.example/welcome',
    });
    await side.control('POST', '/_sim/checkout/pay', { session: session.id, choice: 'declined' });
    const [made] = (await stripe.subscriptions.list({ customer, status: 'all' })).data;
    await syncSubscription({ subscription: made?.id ?? '' }, deps);
    return { session: session.id, subscription: made?.id ?? '' };
  }

  test('and is there before its session is complete, is theirs whom the session names', async () => {
    const { session, subscription } = await declined('buyer-1');
    expect(await findSubscription(db, subscription)).toMatchObject({ status: 'incomplete', saidReference: null });
    await side.control('POST', '/_sim/checkout/pay', { session, choice: 'card' });
    await syncSubscription({ subscription }, deps);
    // The event of the session came before that, too.
    const receivedAt = new Date(Date.now() - 60_000);
    await syncBegun({ subscription }, { ...deps, receivedAt });
    expect(await findSubscription(db, subscription)).toMatchObject({
      status: 'active',
      session,
      saidReference: 'buyer-1',
    });
    expect(Object.keys(await featuresOf(deps, 'buyer-1'))).toEqual(['basic', 'pro']);
  });

  test('is asked for its session no more once that is known', async () => {
    const { session, subscription } = await declined('buyer-2');
    await side.control('POST', '/_sim/checkout/pay', { session, choice: 'card' });
    await syncBegun({ subscription }, deps);
    const before = (await side.requests()).length;
    await syncBegun({ subscription }, { ...deps, receivedAt: new Date(Date.now() - 60_000) });
    expect((await side.requests()).length).toBe(before);
  });
});

test('many with the same prices in another order are written side by side', async () => {
  const items = [{ price: plans.basic.id }, { price: plans.pro.id }, { price: plans.seats.id, quantity: 2 }];
  const made: string[] = [];
  for (let number = 0; number < 12; number += 1) {
    const customer = await customerWithCard(side);
    const ordered = number % 2 === 0 ? items : items.toReversed();
    made.push((await stripe.subscriptions.create({ customer: customer.id, items: ordered })).id);
  }
  for (let again = 0; again < 3; again += 1) {
    await Promise.all(made.map((subscription) => syncSubscription({ subscription }, deps)));
  }
});

test('a subscription and its newest invoice, asked for at once, do not wait for each other', async () => {
  const made = [];
  for (let number = 0; number < 12; number += 1) made.push(await subscribed());
  await advance(32);
  await Promise.all(
    made.map(async ({ id }) => {
      const invoice = String((await stripe.subscriptions.retrieve(id)).latest_invoice);
      await Promise.all([syncSubscription({ subscription: id }, deps), refreshInvoice({ invoice }, deps)]);
    }),
  );
  expect(await rows(db, 'SELECT dependent, last_error FROM agreement_marks')).toEqual([]);
});

test('one that was there before us is asked for its invoices once', async () => {
  const customer = await customerWithCard(side);
  const made = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: plans.basic.id }],
    metadata: { user_id: 'old' },
  });
  await advance(70);
  await syncSubscription({ subscription: made.id }, deps);
  expect(await rows(db, 'SELECT status FROM subscription_invoices WHERE subscription = ?', [made.id])).toHaveLength(3);
});

describe('a renewal that fails', () => {
  const attempts = (id: string) =>
    rows(
      db,
      `SELECT a.id LIKE 'ch_%' AS charged, code, reason, requires_action, card IS NOT NULL AS has_card
       FROM subscription_payment_attempts a JOIN subscription_invoices i ON i.id = a.invoice
       WHERE i.subscription = ? ORDER BY a.at`,
      [id],
    );
  async function failing(card: string | undefined) {
    const { id, customer } = await subscribed();
    const method = card && (await stripe.paymentMethods.attach(card, { customer })).id;
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: method ?? '' } });
    await advance(32);
    await advance(0.1);
    return { id, customer };
  }

  test('is kept with each decline, in the words of Stripe, whichever of its events is first', async () => {
    const { id, customer } = await failing('pm_card_chargeCustomerFail');
    const failed = { charged: true, code: 'card_declined', reason: 'generic_decline', requires_action: false };
    const declined = async () => {
      const { data } = await stripe.charges.list({ customer, limit: 100 });
      return data.filter(({ status }) => status === 'failed').map(() => ({ ...failed, has_card: true }));
    };
    await syncSubscription({ subscription: id }, deps);
    const first = await declined();
    expect(first.length).toBeGreaterThan(0);
    expect(await attempts(id)).toEqual(first);

    await advance(5);
    const { latest_invoice: open } = await stripe.subscriptions.retrieve(id);
    for (let again = 0; again < 2; again++) await refreshInvoice({ invoice: String(open) }, deps);
    const later = await declined();
    expect(later.length).toBeGreaterThan(first.length);
    expect(await attempts(id)).toEqual(later);
  });

  test('for want of its owner is no charge', async () => {
    const { id } = await failing('pm_card_authenticationRequired');
    await syncSubscription({ subscription: id }, deps);
    const waits = { charged: false, code: null, reason: null, requires_action: true, has_card: false };
    expect(await attempts(id)).toEqual([waits]);
  });

  test('for want of a card is none either', async () => {
    const { id } = await failing(undefined);
    await syncSubscription({ subscription: id }, deps);
    const without = { charged: false, code: null, reason: null, requires_action: false, has_card: false };
    expect(await attempts(id)).toEqual([without]);
  });
});
