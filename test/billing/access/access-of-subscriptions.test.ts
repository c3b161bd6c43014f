import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { grantByHand } from '../../../src/billing/access/manage-access.ts';
import { openDeps } from '../../../src/billing/open-deps.ts';
import { followCustomer } from '../../../src/billing/subscriptions/follow-catalog.ts';
import { findSubscription } from '../../../src/billing/subscriptions/subscriptions.ts';
import { refreshInvoice, syncSubscription } from '../../../src/billing/subscriptions/sync-subscription.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { rows } from '../../../src/platform/db.ts';
import { featuresOf } from '../../support/access.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { policyFile } from '../../support/policy-file.ts';
import { customerWithCard, plansOf } from '../../support/subscriptions.ts';

/** What becomes of access when something happens to a subscription at Stripe that others have stumbled over. */
const { side, settings } = await billingUnderTest();
const plans = await plansOf(side);
const opened = openDeps(loadConfig({ ...settings, POLICY: policyFile({ access: plans.access }) }), {
  name: 'test',
  connections: 4,
});
releaseAfterFile(() => opened.close());
const { deps } = opened;
const { db } = deps;
const { stripe } = side;

let people = 0;
async function subscribed(params: Partial<Stripe.SubscriptionCreateParams> = {}, card: string | null = 'pm_card_visa') {
  const who = `user-${++people}`;
  const customer = card === null ? await stripe.customers.create({}) : await customerWithCard(side, {}, card);
  const made = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: plans.basic.id }],
    metadata: { user_id: who },
    ...params,
  });
  const sync = () => syncSubscription({ subscription: made.id }, deps);
  await sync();
  return { who, customer: customer.id, id: made.id, item: made.items.data[0]?.id ?? '', sync };
}
const mayUse = async (who: string) => Object.keys(await featuresOf(deps, who));
const advance = (days: number) => side.control('POST', '/_sim/clock/advance', { seconds: days * 86_400 });
async function useCard(customer: string, card: string): Promise<void> {
  const { id } = await stripe.paymentMethods.attach(card, { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
}
const latestInvoice = async (id: string) => String((await stripe.subscriptions.retrieve(id)).latest_invoice);

describe('a change that waits for its payment', () => {
  async function waiting() {
    const one = await subscribed();
    await useCard(one.customer, 'pm_card_chargeCustomerFail');
    const changed = await stripe.subscriptions.update(one.id, {
      items: [{ id: one.item, price: plans.pro.id }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'pending_if_incomplete',
    });
    expect(changed.pending_update).not.toBeNull();
    await one.sync();
    return one;
  }

  test('gives nothing yet; paid, the new plan', async () => {
    const { who, id, customer, sync } = await waiting();
    expect(await mayUse(who)).toEqual(['basic']);
    expect((await findSubscription(db, id))?.pendingUpdateUntil).not.toBeNull();
    await useCard(customer, 'pm_card_visa');
    await stripe.invoices.pay(await latestInvoice(id));
    await sync();
    expect(await mayUse(who)).toEqual(['basic', 'pro']);
  });

  test('is dropped when nobody pays it, and what was paid before goes on', async () => {
    const { who, id, sync } = await waiting();
    await advance(1);
    await sync();
    expect(await findSubscription(db, id)).toMatchObject({ status: 'active', pendingUpdateUntil: null });
    expect(await mayUse(who)).toEqual(['basic']);
  });
});

test('an invoice that was paid elsewhere counts as paid', async () => {
  const { who, id } = await subscribed({}, 'pm_card_chargeCustomerFail');
  expect(await mayUse(who)).toEqual([]);
  const invoice = await latestInvoice(id);
  await stripe.invoices.pay(invoice, { paid_out_of_band: true });
  // Its event alone: the row still says incomplete until the subscription is asked for.
  await refreshInvoice({ invoice }, deps);
  await syncSubscription({ subscription: id }, deps);
  expect(await mayUse(who)).toEqual(['basic']);
  expect(await rows(db, 'SELECT amount_off_stripe FROM subscription_invoices WHERE id = ?', [invoice])).toEqual([
    { amount_off_stripe: 1_000 },
  ]);
});

describe('a trial', () => {
  const trialing = (missing_payment_method: 'pause' | 'cancel' | 'create_invoice') => ({
    trial_period_days: 5,
    trial_settings: { end_behavior: { missing_payment_method } },
  });

  test('goes on when its invoice over nothing is paid, and no receipt of nothing is sent', async () => {
    const { who, id, sync } = await subscribed(trialing('create_invoice'));
    const invoice = await latestInvoice(id);
    expect(await stripe.invoices.retrieve(invoice)).toMatchObject({ status: 'paid', amount_due: 0 });
    await refreshInvoice({ invoice }, deps);
    await sync();
    const kept = await findSubscription(db, id);
    expect(kept).toMatchObject({ status: 'trialing' });
    expect(await featuresOf(deps, who)).toMatchObject({ basic: { until: kept?.trialEnd?.toISOString() } });
    expect(await rows(db, `SELECT kind FROM messages WHERE channel = 'mail'`)).toEqual([]);
  });

  test('that ends without a card ends access; with a card and a payment it is the same subscription again', async () => {
    const { who, id, customer, sync } = await subscribed(trialing('pause'), null);
    expect(await mayUse(who)).toEqual(['basic']);
    await advance(5.1);
    await sync();
    expect(await findSubscription(db, id)).toMatchObject({ status: 'paused' });
    expect(await mayUse(who)).toEqual([]);

    await useCard(customer, 'pm_card_chargeCustomerFail');
    await stripe.subscriptions.resume(id, { payment_behavior: 'resume_on_payment_success' });
    await sync();
    expect(await mayUse(who), 'the card was declined').toEqual([]);

    await useCard(customer, 'pm_card_visa');
    await stripe.invoices.pay(await latestInvoice(id));
    await sync();
    expect(await findSubscription(db, id)).toMatchObject({ id, status: 'active' });
    expect(await mayUse(who)).toEqual(['basic']);
  });

  test('whose first payment is declined at its end is what Stripe makes of it, not what was expected', async () => {
    await side.control('POST', '/_sim/settings', { after_retries: 'cancel' });
    const { who, id, customer, sync } = await subscribed(trialing('pause'), null);
    await useCard(customer, 'pm_card_chargeCustomerFail');
    await advance(5.2);
    await sync();
    expect(await findSubscription(db, id)).toMatchObject({ status: 'past_due' });
    await advance(30);
    await sync();
    expect(await findSubscription(db, id)).toMatchObject({ status: 'canceled', cancellationReason: 'payment_failed' });
    expect(await mayUse(who)).toEqual([]);
  });

  test('a card that is saved before the subscription tells anything is decided by how it stands now', async () => {
    const { who, id, customer } = await subscribed(trialing('pause'), null);
    await advance(5.1);
    expect(await findSubscription(db, id), 'nobody has told yet').toMatchObject({ status: 'trialing' });
    await useCard(customer, 'pm_card_visa');
    // What `setup_intent.succeeded` leads to.
    await followCustomer({ customer }, deps);
    expect(await findSubscription(db, id)).toMatchObject({ status: 'paused' });
    expect(await mayUse(who)).toEqual([]);
  });
});

describe('a gift beside what is paid', () => {
  const by = { actor: 'test', reason: 'a friend' };
  const gift = (who: string, until: Date | null) => grantByHand({ reference: who, feature: 'basic', until }, by, deps);

  test('goes on after its end while it holds', async () => {
    const { who, id, sync } = await subscribed();
    const cause = await gift(who, new Date(Date.now() + 400 * 86_400_000));
    await stripe.subscriptions.cancel(id);
    await sync();
    expect(await featuresOf(deps, who)).toMatchObject({ basic: { cause } });
  });

  test('is over when it is over: what was paid in between has made nothing of it', async () => {
    const { who, id, sync } = await subscribed();
    const cause = await gift(who, new Date(Date.now() + 86_400_000));
    await rows(db, `UPDATE access_grants SET until = now() - interval '1 second' WHERE cause = ?`, [cause]);
    expect(await featuresOf(deps, who)).toMatchObject({ basic: { cause: `subscription:${id}` } });
    await stripe.subscriptions.cancel(id);
    await sync();
    expect(await mayUse(who)).toEqual([]);
  });
});

describe('an end', () => {
  test('that is over ends access, whatever else Stripe says of it', async () => {
    const { who, id, sync } = await subscribed();
    await stripe.subscriptions.update(id, { cancel_at: 'min_period_end' });
    await advance(31.1);
    await sync();
    expect(await findSubscription(db, id)).toMatchObject({ status: 'canceled', endedAt: expect.any(Date) });
    expect(await mayUse(who)).toEqual([]);
  });

  test.each(['flexible', 'classic'] as const)(
    'that is planned in the portal and called off again is followed (%s)',
    async (type) => {
      const { id, customer, sync } = await subscribed({ billing_mode: { type } });
      const { url } = await stripe.billingPortal.sessions.create({ customer, return_url: 'https://app.example' });
      const press = (deed: string) =>
        fetch(url, { method: 'POST', body: new URLSearchParams({ deed, subscription: id }), redirect: 'manual' });
      expect((await press('cancel')).status).toBeLessThan(400);
      const planned = await stripe.subscriptions.retrieve(id);
      expect(planned.cancel_at_period_end).toBe(type === 'classic');
      await sync();
      const kept = await findSubscription(db, id);
      expect(kept?.cancelAtPeriodEnd || kept?.cancelAt !== null).toBe(true);
      expect((await press('keep')).status).toBeLessThan(400);
      await sync();
      expect(await findSubscription(db, id)).toMatchObject({ cancelAtPeriodEnd: false, cancelAt: null });
    },
  );
});
