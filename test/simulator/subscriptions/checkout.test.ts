import type Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import { refusal, type Simulated, simulated } from '../invoicing/simulated.ts';
import { DAY, invoicesOf, passPeriod, priceOf, statusOf } from './subscribed.ts';

let sim: Simulated;
let stripe: Stripe;

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
});

type Wanted = Partial<Stripe.Checkout.SessionCreateParams>;

async function opened(wanted: Wanted = {}): Promise<Stripe.Checkout.Session> {
  const line_items = wanted.line_items ?? [{ price: await priceOf(sim, 1000), quantity: 1 }];
  return stripe.checkout.sessions.create({
    mode: 'subscription',
    success_url: 'https://example.com/thanks?session={CHECKOUT_SESSION_ID}',
    ...wanted,
    line_items,
  });
}

const pay = (session: string, choice = 'card') => sim.control('checkout/pay', { session, choice });

describe('a session that sells a subscription', () => {
  test('makes customer, subscription and paid invoice when the buyer pays', async () => {
    const before = sim.world.firstAccount().clock.now();
    const session = await opened({
      client_reference_id: 'user-7',
      metadata: { of: 'session' },
      subscription_data: { metadata: { of: 'subscription' } },
    });
    expect(session).toMatchObject({ mode: 'subscription', subscription: null, invoice: null, payment_intent: null });
    expect(session).toMatchObject({ payment_method_collection: 'always', invoice_creation: null });
    sim.newEvents();
    await pay(session.id);
    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription', 'invoice'] });
    expect(done).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      client_reference_id: 'user-7',
      payment_intent: null,
      subscription: { status: 'active', metadata: { of: 'subscription' }, customer: done.customer },
      invoice: { status: 'paid', total: 1000, billing_reason: 'subscription_create' },
    });
    const { subscription } = done;
    if (subscription === null || typeof subscription === 'string') throw new Error('The session has no subscription');
    expect(subscription.default_payment_method).toMatch(/^pm_/);
    const told = sim.newEvents();
    for (const type of ['customer.created', 'customer.subscription.created', 'invoice.paid'])
      expect(told).toContain(type);
    expect(told.indexOf('invoice.paid')).toBeLessThan(told.indexOf('checkout.session.completed'));
    const listed = await stripe.checkout.sessions.list({ subscription: subscription.id, created: { gte: before } });
    expect(listed.data.map(({ id }) => id)).toEqual([session.id]);
    expect((await stripe.checkout.sessions.list({ created: { lt: before } })).data).not.toContainEqual(
      expect.objectContaining({ id: session.id }),
    );
    passPeriod(sim, subscription.items.data[0]?.current_period_end ?? 0);
    expect((await invoicesOf(sim, subscription.id)).map(({ status }) => status)).toEqual(['paid', 'paid']);
  });

  test('for a customer that there is already, with an inline price, a discount and something sold once', async () => {
    const { id: customer } = await stripe.customers.create({ email: 'ada@example.com' });
    const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'once' });
    const recurring = { interval: 'month' as const };
    const session = await opened({
      customer,
      discounts: [{ coupon: coupon.id }],
      line_items: [
        { quantity: 2, price_data: { currency: 'eur', unit_amount: 1500, recurring, product_data: { name: 'Seats' } } },
        { quantity: 1, price_data: { currency: 'eur', unit_amount: 1000, product_data: { name: 'Setup' } } },
      ],
    });
    expect(session.amount_total).toBe(3600);
    await pay(session.id);
    const { subscription } = await stripe.checkout.sessions.retrieve(session.id);
    const [invoice] = await invoicesOf(sim, `${subscription}`);
    expect(invoice).toMatchObject({ customer, total: 3600, status: 'paid' });
    const { items } = await stripe.subscriptions.retrieve(`${subscription}`);
    expect(items.data).toMatchObject([{ quantity: 2, price: { unit_amount: 1500 } }]);
  });

  test('with a trial costs nothing today, and keeps the card for the day when it does', async () => {
    const session = await opened({ subscription_data: { trial_period_days: 7 } });
    expect(session.amount_total).toBe(0);
    await pay(session.id);
    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription'] });
    expect(done).toMatchObject({ payment_status: 'no_payment_required', subscription: { status: 'trialing' } });
    const { subscription } = done;
    if (subscription === null || typeof subscription === 'string') throw new Error('The session has no subscription');
    passPeriod(sim, subscription.trial_end ?? 0);
    expect(await statusOf(sim, subscription.id)).toBe('active');
    expect((await invoicesOf(sim, subscription.id))[1]).toMatchObject({ status: 'paid', total: 1000 });
  });

  test('stays open when the card is declined, and the next attempt pays the same subscription', async () => {
    const session = await opened();
    expect(await pay(session.id, 'declined')).toMatchObject({ outcome: 'declined', status: 'open' });
    await pay(session.id);
    const { subscription, customer } = await stripe.checkout.sessions.retrieve(session.id);
    const all = await stripe.subscriptions.list({ customer: `${customer}`, status: 'all' });
    expect(all.data).toMatchObject([{ id: subscription, status: 'active' }]);
  });

  test('with a trial keeps no card where none is required', async () => {
    const session = await opened({
      subscription_data: { trial_period_days: 7 },
      payment_method_collection: 'if_required',
    });
    await pay(session.id);
    const { subscription, customer } = await stripe.checkout.sessions.retrieve(session.id);
    expect(await stripe.subscriptions.retrieve(`${subscription}`)).toMatchObject({ default_payment_method: null });
    expect((await stripe.paymentMethods.list({ customer: `${customer}` })).data).toEqual([]);
  });

  test('with a trial refuses a card that the bank does not want saved', async () => {
    const session = await opened({ subscription_data: { trial_period_days: 7 } });
    expect(await pay(session.id, 'declined')).toMatchObject({ outcome: 'declined', status: 'open' });
    expect((await stripe.checkout.sessions.retrieve(session.id)).subscription).toBeNull();
  });

  test('is complete and unpaid while a bank debit is under way', async () => {
    const session = await opened();
    await pay(session.id, 'debit');
    const done = await stripe.checkout.sessions.retrieve(session.id);
    expect(done).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
    expect(await statusOf(sim, `${done.subscription}`)).toBe('active');
    sim.newEvents();
    sim.advance(4 * DAY);
    expect(sim.newEvents()).toContain('checkout.session.async_payment_succeeded');
    expect((await invoicesOf(sim, `${done.subscription}`))[0]).toMatchObject({ status: 'paid' });
  });

  test('has a page that a person can use, 3-D Secure included', async () => {
    const session = await opened({ subscription_data: { trial_period_days: 7 } });
    expect(await (await fetch(session.url ?? '')).text()).toContain('free trial, then €10.00 per month');
    const { url, id } = await opened();
    const page = await (await fetch(url ?? '')).text();
    expect(page).toContain('per month');
    const form = new URLSearchParams({ email: 'ada@example.com', name: 'Ada', choice: 'authenticate' });
    const asked = await fetch(url ?? '', { method: 'POST', body: form, redirect: 'manual' });
    const bank = asked.headers.get('location') ?? '';
    expect(bank).toContain('/c/authenticate/');
    const answer = new URLSearchParams({ answer: 'approve' });
    const back = await fetch(bank, { method: 'POST', body: answer, redirect: 'manual' });
    expect(back.headers.get('location')).toBe(`https://example.com/thanks?session=${id}`);
    const { subscription } = await stripe.checkout.sessions.retrieve(id);
    expect(await statusOf(sim, `${subscription}`)).toBe('active');
  });

  test.each<[string, Wanted, RegExp]>([
    ['without anything that comes round', { line_items: [inline()] }, /at least one recurring price/],
    ['with the data of a payment', { payment_intent_data: { description: 'x' } }, /can not pass `payment_intent_data`/],
    ['with an invoice of its own', { invoice_creation: { enabled: true } }, /can not pass `invoice_creation`/],
    [
      'with two trials',
      { subscription_data: { trial_period_days: 3, trial_end: 4e9 } },
      /only specify one of these parameters/,
    ],
    ['with a billing cycle of its own', { subscription_data: { billing_cycle_anchor: 4e9 } }, /not simulated/],
  ])('is refused %s', async (_what, wanted, message) => {
    expect((await refusal(opened(wanted))).message).toMatch(message);
  });

  test('is not what subscription_data can be sent for in payment mode', async () => {
    const wrong = opened({ mode: 'payment', line_items: [inline()], subscription_data: { trial_period_days: 3 } });
    expect((await refusal(wrong)).message).toMatch(/can not pass `subscription_data` in `payment` mode/);
  });
});

describe('a session that saves a card', () => {
  const setup = (params: Wanted = {}): Promise<Stripe.Checkout.Session> =>
    stripe.checkout.sessions.create({ mode: 'setup', currency: 'eur', success_url: 'https://example.com', ...params });

  test('attaches it to the customer, and makes it the default of nothing', async () => {
    const { id: customer } = await stripe.customers.create({ email: 'ada@example.com' });
    const session = await setup({ customer, setup_intent_data: { metadata: { for: 'later' } } });
    expect(session).toMatchObject({ mode: 'setup', amount_total: null, payment_status: 'no_payment_required' });
    await pay(session.id);
    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['setup_intent'] });
    expect(done).toMatchObject({
      status: 'complete',
      setup_intent: { status: 'succeeded', customer, metadata: { for: 'later' } },
    });
    expect((await stripe.paymentMethods.list({ customer })).data).toHaveLength(1);
    expect(await stripe.customers.retrieve(customer)).toMatchObject({
      invoice_settings: { default_payment_method: null },
    });
  });

  test('stays open when the bank says no, and asks the bank where it wants to be asked', async () => {
    const session = await setup({ customer_creation: 'always' });
    expect(await pay(session.id, 'declined')).toMatchObject({ outcome: 'declined', status: 'open' });
    const form = new URLSearchParams({ email: 'ada@example.com', name: 'Ada', choice: 'authenticate' });
    expect(await (await fetch(session.url ?? '')).text()).toContain('Save a card');
    const asked = await fetch(session.url ?? '', { method: 'POST', body: form, redirect: 'manual' });
    const answer = new URLSearchParams({ answer: 'approve' });
    await fetch(asked.headers.get('location') ?? '', { method: 'POST', body: answer, redirect: 'manual' });
    const done = await stripe.checkout.sessions.retrieve(session.id);
    expect(done.status).toBe('complete');
    expect(done.customer).toMatch(/^cus_/);
  });

  test('sells nothing', async () => {
    expect((await refusal(setup({ line_items: [inline()] }))).message).toMatch(/can not pass `line_items`/);
  });
});

function inline(): Stripe.Checkout.SessionCreateParams.LineItem {
  return { quantity: 1, price_data: { currency: 'eur', unit_amount: 1000, product_data: { name: 'Course' } } };
}
