import type Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import { refusal, type Simulated, simulated } from '../invoicing/simulated.ts';
import {
  customerWith,
  DAY,
  HOUR,
  invoicesOf,
  itemOf,
  passPeriod,
  priceOf,
  statusOf,
  subscribe,
  useCard,
} from './subscribed.ts';

let sim: Simulated;
let stripe: Stripe;

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
});

describe('a subscription that is canceled', () => {
  test('at once is over, told as deleted, and cannot be canceled or changed any more', async () => {
    const { id } = await subscribe(sim);
    sim.newEvents();
    const details = { comment: 'Moving', feedback: 'too_expensive' as const };
    const over = await stripe.subscriptions.cancel(id, { cancellation_details: details });
    expect(over).toMatchObject({
      status: 'canceled',
      cancellation_details: { ...details, reason: 'cancellation_requested' },
    });
    expect(over.ended_at).not.toBeNull();
    expect(sim.newEvents()).toEqual(['customer.subscription.deleted']);
    expect((await refusal(stripe.subscriptions.cancel(id))).statusCode).toBe(404);
    const change = stripe.subscriptions.update(id, { cancel_at_period_end: true });
    expect((await refusal(change)).message).toMatch(/canceled subscription can only update/);
    expect(await stripe.subscriptions.update(id, { metadata: { note: 'x' } })).toMatchObject({
      metadata: { note: 'x' },
    });
    sim.advance(40 * DAY);
    expect(await invoicesOf(sim, id)).toHaveLength(1);
  });

  test('at the end of its period lives until then, and the plan can be called off', async () => {
    const subscription = await subscribe(sim);
    const { id } = subscription;
    const end = itemOf(subscription).current_period_end;
    const planned = await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    expect(planned).toMatchObject({ status: 'active', cancel_at_period_end: true, cancel_at: end });
    expect(planned.canceled_at).not.toBeNull();
    const kept = await stripe.subscriptions.update(id, { cancel_at_period_end: false });
    expect(kept).toMatchObject({ cancel_at_period_end: false, cancel_at: null, canceled_at: null });
    await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    passPeriod(sim, end);
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'canceled', ended_at: end });
    expect(await invoicesOf(sim, id)).toHaveLength(1);
  });

  test('at a moment of its own has no word of periods in it, and resumes when that is emptied', async () => {
    const subscription = await subscribe(sim);
    const { id } = subscription;
    const planned = await stripe.subscriptions.update(id, { cancel_at: 'min_period_end' });
    expect(planned).toMatchObject({
      cancel_at: itemOf(subscription).current_period_end,
      cancel_at_period_end: false,
    });
    expect((await stripe.subscriptions.update(id, { cancel_at: '' })).cancel_at).toBeNull();
    const at = sim.world.firstAccount().clock.now() + 3 * DAY;
    await stripe.subscriptions.update(id, { cancel_at: at });
    sim.advance(2 * DAY);
    expect(await statusOf(sim, id)).toBe('active');
    sim.advance(DAY + 60);
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'canceled', ended_at: at });
  });

  test('with several intervals ends with the first period, unless the longest is meant', async () => {
    const items = [{ price: await priceOf(sim, 1000) }, { price: await priceOf(sim, 9000, { interval: 'year' }) }];
    const { id, items: made } = await subscribe(sim, { items });
    const [month, year] = made.data.map(({ current_period_end: end }) => end);
    expect((await stripe.subscriptions.update(id, { cancel_at_period_end: true })).cancel_at).toBe(month);
    expect((await stripe.subscriptions.update(id, { cancel_at: 'min_period_end' })).cancel_at).toBe(month);
    expect((await stripe.subscriptions.update(id, { cancel_at: 'max_period_end' })).cancel_at).toBe(year);
  });

  test('in the middle gives back what is left, if that is asked for', async () => {
    const subscription = await subscribe(sim);
    const { current_period_start: start, current_period_end: end } = itemOf(subscription);
    sim.advance((end - start) / 2);
    await stripe.subscriptions.cancel(subscription.id, { prorate: true, invoice_now: true });
    const [, last] = await invoicesOf(sim, subscription.id);
    expect(last).toMatchObject({ status: 'paid', total: -500, amount_due: 0 });
    expect(await stripe.customers.retrieve(`${subscription.customer}`)).toMatchObject({ balance: -500 });
  });

  test('keeps its open invoice, which nobody collects any more; paying it revives nothing', async () => {
    const subscription = await subscribe(sim);
    const customer = `${subscription.customer}`;
    await useCard(stripe, customer, 'pm_card_chargeCustomerFail');
    passPeriod(sim, itemOf(subscription).current_period_end);
    await stripe.subscriptions.cancel(subscription.id);
    await useCard(stripe, customer, 'pm_card_visa');
    sim.advance(20 * DAY);
    const [, left] = await invoicesOf(sim, subscription.id);
    expect(left).toMatchObject({ status: 'open', auto_advance: false, attempt_count: 1 });
    await stripe.invoices.pay(left?.id ?? '');
    expect(await statusOf(sim, subscription.id)).toBe('canceled');
  });

  test('before its first payment takes its first invoice with it', async () => {
    const { id } = await subscribe(sim, { card: 'pm_card_chargeCustomerFail' });
    await stripe.subscriptions.cancel(id);
    expect(await statusOf(sim, id)).toBe('canceled');
    expect((await invoicesOf(sim, id))[0]).toMatchObject({ status: 'void' });
  });

  test('goes with its customer', async () => {
    const { id, customer } = await subscribe(sim);
    await stripe.customers.del(`${customer}`);
    expect(await statusOf(sim, id)).toBe('canceled');
  });
});

describe('a trial', () => {
  test('costs nothing, is announced three days before its end, and then is paid', async () => {
    const subscription = await subscribe(sim, { trial_period_days: 14 });
    const { id } = subscription;
    expect(subscription).toMatchObject({ status: 'trialing', billing_cycle_anchor: subscription.trial_end });
    expect(itemOf(subscription).current_period_end).toBe(subscription.trial_end);
    expect((await invoicesOf(sim, id))[0]).toMatchObject({ status: 'paid', total: 0 });
    sim.newEvents();
    sim.advance(10 * DAY);
    expect(sim.newEvents()).toEqual(['invoice.upcoming']);
    sim.advance(DAY + 60);
    expect(sim.newEvents()).toEqual(['customer.subscription.trial_will_end']);
    passPeriod(sim, subscription.trial_end ?? 0);
    expect(await statusOf(sim, id)).toBe('active');
    const [, first] = await invoicesOf(sim, id);
    expect(first).toMatchObject({ status: 'paid', total: 1000, billing_reason: 'subscription_cycle' });
    expect(first?.lines.data[0]?.period.start).toBe(subscription.trial_end);
  });

  test('that is short is announced at once', async () => {
    sim.newEvents();
    await subscribe(sim, { trial_period_days: 1 });
    sim.advance(60);
    expect(sim.newEvents()).toContain('customer.subscription.trial_will_end');
  });

  test.each<['create_invoice' | 'cancel' | 'pause', string]>([
    ['create_invoice', 'past_due'],
    ['cancel', 'canceled'],
    ['pause', 'paused'],
  ])('without a card ends with %s in %s', async (missing_payment_method, status) => {
    const subscription = await subscribe(sim, {
      card: null,
      trial_period_days: 7,
      trial_settings: { end_behavior: { missing_payment_method } },
    });
    sim.newEvents();
    passPeriod(sim, subscription.trial_end ?? 0);
    expect(await statusOf(sim, subscription.id)).toBe(status);
    const told = sim.newEvents();
    expect(told.includes('customer.subscription.paused')).toBe(status === 'paused');
    expect(told.includes('customer.subscription.deleted')).toBe(status === 'canceled');
  });

  test('that is ended now without a card ends as one that has run out', async () => {
    const subscription = await subscribe(sim, {
      card: null,
      trial_period_days: 9,
      trial_settings: { end_behavior: { missing_payment_method: 'pause' } },
    });
    sim.newEvents();
    expect((await stripe.subscriptions.update(subscription.id, { trial_end: 'now' })).status).toBe('paused');
    expect(sim.newEvents()).toEqual([
      'customer.subscription.trial_will_end',
      'customer.subscription.updated',
      'customer.subscription.paused',
    ]);
    expect(await invoicesOf(sim, subscription.id)).toHaveLength(1);
  });

  test('can be ended now', async () => {
    const subscription = await subscribe(sim, { trial_period_days: 14 });
    sim.advance(DAY);
    const after = await stripe.subscriptions.update(subscription.id, { trial_end: 'now' });
    expect(after.status).toBe('active');
    const [, first] = await invoicesOf(sim, subscription.id);
    expect(first).toMatchObject({ status: 'paid', total: 1000, billing_reason: 'subscription_update' });
    expect(itemOf(after).current_period_start).toBe(first?.created);
  });

  test('goes on through a change of plan, which costs nothing', async () => {
    const subscription = await subscribe(sim, { trial_period_days: 14 });
    const price = await priceOf(sim, 5000);
    const items = [{ id: itemOf(subscription).id, price }];
    const after = await stripe.subscriptions.update(subscription.id, { items, proration_behavior: 'always_invoice' });
    expect(after).toMatchObject({ status: 'trialing', trial_end: subscription.trial_end });
    expect(await invoicesOf(sim, subscription.id)).toHaveLength(1);
    passPeriod(sim, subscription.trial_end ?? 0);
    expect((await invoicesOf(sim, subscription.id))[1]).toMatchObject({ total: 5000 });
  });
});

describe('a pause', () => {
  test.each<['keep_as_draft' | 'mark_uncollectible' | 'void', string]>([
    ['keep_as_draft', 'draft'],
    ['mark_uncollectible', 'uncollectible'],
    ['void', 'void'],
  ])('of the collection (%s) leaves the subscription active and its invoices %s', async (behavior, status) => {
    const subscription = await subscribe(sim);
    const end = itemOf(subscription).current_period_end;
    const resumes_at = end + 5 * DAY;
    await stripe.subscriptions.update(subscription.id, { pause_collection: { behavior, resumes_at } });
    passPeriod(sim, end);
    sim.advance(2 * HOUR);
    expect(await statusOf(sim, subscription.id)).toBe('active');
    expect((await invoicesOf(sim, subscription.id))[1]).toMatchObject({ status });
    sim.advance(5 * DAY);
    expect((await stripe.subscriptions.retrieve(subscription.id)).pause_collection).toBeNull();
  });

  test('on request makes no invoices, and resuming begins a new period that is paid at once', async () => {
    const subscription = await subscribe(sim);
    const { id } = subscription;
    const paused = await stripe.subscriptions.pause(id, { bill_for: { unused_time_from: { type: 'none' } } });
    expect(paused).toMatchObject({
      status: 'paused',
      status_details: { paused: { type: 'subscription', subscription: { type: 'pause_requested' } } },
    });
    sim.advance(60 * DAY);
    expect(await invoicesOf(sim, id)).toHaveLength(1);
    sim.newEvents();
    const resumed = await stripe.subscriptions.resume(id);
    expect(resumed.status).toBe('active');
    expect(resumed).not.toHaveProperty('status_details');
    const [, invoice] = await invoicesOf(sim, id);
    expect(invoice).toMatchObject({ status: 'paid', total: 1000 });
    expect(itemOf(resumed).current_period_start).toBe(invoice?.created);
    expect(sim.newEvents()).toContain('customer.subscription.resumed');
  });

  test('on request credits what is left of what was paid, on the next invoice', async () => {
    const subscription = await subscribe(sim);
    const { current_period_start: start, current_period_end: end } = itemOf(subscription);
    sim.advance((end - start) / 2);
    await stripe.subscriptions.pause(subscription.id);
    await stripe.subscriptions.resume(subscription.id, { payment_behavior: 'resume_on_payment_success' });
    expect(await statusOf(sim, subscription.id)).toBe('active');
    expect((await invoicesOf(sim, subscription.id))[1]).toMatchObject({ status: 'paid', total: 500 });
  });

  test('that ends only with a payment goes on until it is paid', async () => {
    const customer = await customerWith(sim);
    const { id } = await subscribe(sim, { customer });
    const credit = { bill_for: { unused_time_from: { type: 'none' as const } } };
    await stripe.subscriptions.pause(id, credit);
    await useCard(stripe, customer, 'pm_card_chargeCustomerFail');
    await stripe.subscriptions.resume(id, { payment_behavior: 'resume_on_payment_success' });
    expect(await statusOf(sim, id)).toBe('paused');
    const [, invoice] = await invoicesOf(sim, id);
    expect(invoice?.status).toBe('open');
    await useCard(stripe, customer, 'pm_card_visa');
    await stripe.invoices.pay(invoice?.id ?? '');
    expect(await statusOf(sim, id)).toBe('active');
    await stripe.subscriptions.pause(id, credit);
    await useCard(stripe, customer, 'pm_card_chargeCustomerFail');
    await stripe.subscriptions.resume(id, { payment_behavior: 'resume_on_payment_success' });
    sim.advance(DAY);
    expect(await statusOf(sim, id)).toBe('paused');
    expect((await invoicesOf(sim, id))[2]).toMatchObject({ status: 'void' });
  });

  test('is for flexible billing alone', async () => {
    const { id } = await subscribe(sim, { billing_mode: { type: 'classic' } });
    expect((await refusal(stripe.subscriptions.pause(id))).message).toMatch(/flexible/);
  });
});
