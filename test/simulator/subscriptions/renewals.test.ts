import type Stripe from 'stripe';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Simulated, simulated } from '../invoicing/simulated.ts';
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

afterEach(async () => {
  await sim.control('settings', { retry_days: { 0: 3, 1: 5, 2: 7 }, after_retries: 'cancel' });
});

/** Somebody whose card has worked once and does not any more. */
async function failing(): Promise<{ id: string; customer: string; end: number }> {
  const subscription = await subscribe(sim);
  const customer = `${subscription.customer}`;
  await useCard(stripe, customer, 'pm_card_chargeCustomerFail');
  return { id: subscription.id, customer, end: itemOf(subscription).current_period_end };
}

describe('a renewal', () => {
  test('begins the next period at once, and its invoice is a draft for an hour', async () => {
    const subscription = await subscribe(sim);
    const end = itemOf(subscription).current_period_end;
    sim.newEvents();
    sim.advance(end - sim.world.firstAccount().clock.now() + 60);
    const item = itemOf(await stripe.subscriptions.retrieve(subscription.id));
    expect(item.current_period_start).toBe(end);
    const [, renewal] = await invoicesOf(sim, subscription.id);
    expect(renewal).toMatchObject({ status: 'draft', billing_reason: 'subscription_cycle', auto_advance: true });
    expect(renewal?.lines.data[0]?.period).toEqual({ start: end, end: item.current_period_end });
    const { data } = await stripe.events.list({ type: 'customer.subscription.updated', limit: 1 });
    expect(data[0]?.data.previous_attributes).toMatchObject({
      items: { data: [{ current_period_end: end }] },
      latest_invoice: subscription.latest_invoice,
    });
    sim.advance(HOUR);
    expect((await invoicesOf(sim, subscription.id))[1]).toMatchObject({ status: 'paid', attempt_count: 1 });
    expect(await statusOf(sim, subscription.id)).toBe('active');
  });

  test('is announced a week before, once, with what it will be', async () => {
    const subscription = await subscribe(sim);
    const { current_period_end: end } = itemOf(subscription);
    const upcoming = async () =>
      (await stripe.events.list({ type: 'invoice.upcoming', limit: 5 })).data.filter(
        ({ data }) => 'customer' in data.object && data.object.customer === subscription.customer,
      );
    const now = () => sim.world.firstAccount().clock.now();
    sim.advance(end - 7 * DAY - now() - HOUR);
    expect(await upcoming()).toEqual([]);
    sim.advance(2 * HOUR);
    await stripe.subscriptions.update(subscription.id, { metadata: { a: '1' } });
    sim.advance(DAY);
    expect(await upcoming()).toMatchObject([
      { data: { object: { total: 1000, billing_reason: 'upcoming', created: end } } },
    ]);
    expect(await invoicesOf(sim, subscription.id)).toHaveLength(1);
  });

  test('that will not come is not announced', async () => {
    const subscription = await subscribe(sim);
    await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    sim.newEvents();
    sim.advance(40 * DAY);
    expect(sim.newEvents().filter((type) => type === 'invoice.upcoming' || type.endsWith('deleted'))).toContain(
      'customer.subscription.deleted',
    );
  });

  test('comes twelve times in a year, whatever the clock does', async () => {
    const subscription = await subscribe(sim);
    sim.advance(367 * DAY);
    const invoices = await invoicesOf(sim, subscription.id);
    expect(invoices).toHaveLength(13);
    expect(invoices.every(({ status }) => status === 'paid')).toBe(true);
    const starts = invoices.map(({ lines }) => lines.data[0]?.period.start);
    expect(starts).toEqual([...new Set(starts)]);
    for (const [index, invoice] of invoices.slice(1).entries()) {
      expect(invoice.lines.data[0]?.period.start).toBe(invoices[index]?.lines.data[0]?.period.end);
    }
  });

  test('has its discount for as many months as the coupon says, and then no more', async () => {
    const coupon = await stripe.coupons.create({ percent_off: 50, duration: 'repeating', duration_in_months: 3 });
    const { id } = await subscribe(sim, { discounts: [{ coupon: coupon.id }] });
    sim.advance(130 * DAY);
    expect((await invoicesOf(sim, id)).map(({ total }) => total)).toEqual([500, 500, 500, 1000, 1000]);
    expect((await stripe.subscriptions.retrieve(id)).discounts).toEqual([]);
  });

  test('bills only the items whose period is over', async () => {
    const items = [{ price: await priceOf(sim, 1000) }, { price: await priceOf(sim, 9000, { interval: 'year' }) }];
    const subscription = await subscribe(sim, { items });
    passPeriod(sim, itemOf(subscription).current_period_end);
    expect((await invoicesOf(sim, subscription.id)).map(({ total }) => total)).toEqual([10_000, 1000]);
  });

  test('is charged to the card of the subscription before that of its customer', async () => {
    const subscription = await subscribe(sim);
    const customer = `${subscription.customer}`;
    const own = await stripe.paymentMethods.attach('pm_card_mastercard', { customer });
    await stripe.subscriptions.update(subscription.id, { default_payment_method: own.id });
    await useCard(stripe, customer, 'pm_card_chargeCustomerFail');
    passPeriod(sim, itemOf(subscription).current_period_end);
    expect(await statusOf(sim, subscription.id)).toBe('active');
  });
});

describe('a renewal that fails', () => {
  test('makes the subscription past due before the failure is told', async () => {
    const { id, end } = await failing();
    sim.newEvents();
    passPeriod(sim, end);
    const [, renewal] = await invoicesOf(sim, id);
    expect(renewal).toMatchObject({ status: 'open', attempt_count: 1 });
    expect(renewal?.next_payment_attempt).toBeGreaterThan(end + 2 * DAY);
    const { data } = await stripe.events.list({
      types: ['customer.subscription.updated', 'invoice.payment_failed'],
      limit: 2,
    });
    expect(data.map(({ type }) => type)).toEqual(['invoice.payment_failed', 'customer.subscription.updated']);
    expect(data[1]?.data).toMatchObject({
      object: { id, status: 'past_due' },
      previous_attributes: { status: 'active' },
    });
  });

  test('because the bank wants to see the customer is made good when they have been there', async () => {
    const subscription = await subscribe(sim);
    const { id } = subscription;
    await useCard(stripe, `${subscription.customer}`, 'pm_card_authenticationRequired');
    sim.newEvents();
    passPeriod(sim, itemOf(subscription).current_period_end);
    expect(sim.newEvents()).toContain('invoice.payment_action_required');
    const [, renewal] = await invoicesOf(sim, id);
    expect(renewal).toMatchObject({ status: 'open', attempt_count: 1 });
    expect(await statusOf(sim, id)).toBe('past_due');
    const { payments } = await stripe.invoices.retrieve(renewal?.id ?? '', {
      expand: ['payments.data.payment.payment_intent'],
    });
    const intent = payments?.data[0]?.payment.payment_intent;
    if (intent === undefined || typeof intent === 'string') throw new Error('The intent was not expanded');
    const bank = intent.next_action?.redirect_to_url?.url ?? '';
    await fetch(bank, { method: 'POST', body: new URLSearchParams({ answer: 'approve' }), redirect: 'manual' });
    expect(await statusOf(sim, id)).toBe('active');
  });

  test('is made good by paying its invoice', async () => {
    const { id, customer, end } = await failing();
    passPeriod(sim, end);
    await useCard(stripe, customer, 'pm_card_visa');
    const [, renewal] = await invoicesOf(sim, id);
    await stripe.invoices.pay(renewal?.id ?? '');
    expect(await statusOf(sim, id)).toBe('active');
  });

  test('is tried again by a schedule, with whatever card there is then', async () => {
    const { id, customer, end } = await failing();
    passPeriod(sim, end);
    await useCard(stripe, customer, 'pm_card_visa');
    sim.advance(3 * DAY);
    expect(await statusOf(sim, id)).toBe('active');
    expect((await invoicesOf(sim, id))[1]).toMatchObject({ status: 'paid', attempt_count: 2 });
  });

  test('ends the subscription after all retries', async () => {
    const { id, end } = await failing();
    passPeriod(sim, end);
    sim.newEvents();
    sim.advance(15 * DAY + HOUR);
    const after = await stripe.subscriptions.retrieve(id);
    expect(after).toMatchObject({ status: 'canceled', cancellation_details: { reason: 'payment_failed' } });
    expect((await invoicesOf(sim, id))[1]).toMatchObject({ status: 'open', attempt_count: 4, auto_advance: false });
    const told = sim.newEvents();
    expect(told.lastIndexOf('invoice.payment_failed')).toBeLessThan(told.indexOf('customer.subscription.deleted'));
  });

  test('can leave it unpaid: its invoices stay drafts, and paying the open one makes it active', async () => {
    await sim.control('settings', { retry_days: { 0: 1 }, after_retries: 'unpaid' });
    const { id, customer, end } = await failing();
    passPeriod(sim, end);
    sim.advance(DAY + HOUR);
    expect(await statusOf(sim, id)).toBe('unpaid');
    sim.advance(32 * DAY);
    const [, open, draft] = await invoicesOf(sim, id);
    expect(open).toMatchObject({ status: 'open', next_payment_attempt: null });
    expect(draft).toMatchObject({ status: 'draft', auto_advance: false });
    await useCard(stripe, customer, 'pm_card_visa');
    await stripe.invoices.pay(open?.id ?? '');
    expect(await statusOf(sim, id)).toBe('active');
    expect((await invoicesOf(sim, id))[2]).toMatchObject({ status: 'draft' });
  });

  test('can leave it past due: then its newest bill is the one that counts', async () => {
    await sim.control('settings', { retry_days: { 0: 1 }, after_retries: 'past_due' });
    const { id, customer, end } = await failing();
    passPeriod(sim, end);
    sim.advance(32 * DAY);
    expect(await statusOf(sim, id)).toBe('past_due');
    const [, older, newer] = await invoicesOf(sim, id);
    expect(newer).toMatchObject({ status: 'open' });
    await useCard(stripe, customer, 'pm_card_visa');
    await stripe.invoices.pay(older?.id ?? '');
    expect(await statusOf(sim, id)).toBe('past_due');
    await stripe.invoices.pay(newer?.id ?? '');
    expect(await statusOf(sim, id)).toBe('active');
  });

  test('ends in peace where the business forgives it', async () => {
    const { id, end } = await failing();
    passPeriod(sim, end);
    const [, renewal] = await invoicesOf(sim, id);
    const forgiven = await stripe.invoices.markUncollectible(renewal?.id ?? '');
    expect(forgiven.status_details).toEqual({ uncollectible: { reason: 'user_forgiven' } });
    expect(await statusOf(sim, id)).toBe('active');
  });

  test('of a customer without any card is a failure, too', async () => {
    const customer = await customerWith(sim);
    const subscription = await subscribe(sim, { customer });
    const { data } = await stripe.paymentMethods.list({ customer });
    await stripe.paymentMethods.detach(data[0]?.id ?? '');
    expect(await stripe.customers.retrieve(customer)).toMatchObject({
      invoice_settings: { default_payment_method: null },
    });
    passPeriod(sim, itemOf(subscription).current_period_end);
    expect(await statusOf(sim, subscription.id)).toBe('past_due');
  });
});
