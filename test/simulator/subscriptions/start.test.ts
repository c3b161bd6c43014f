import type Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import { refusal, type Simulated, simulated } from '../invoicing/simulated.ts';
import { customerWith, HOUR, invoicesOf, itemOf, priceOf, statusOf, subscribe, useCard } from './subscribed.ts';

let sim: Simulated;
let stripe: Stripe;

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
});

describe('a subscription that begins', () => {
  test('is active once its first invoice is paid, with the period on its item and not on itself', async () => {
    sim.newEvents();
    const subscription = await subscribe(sim, { metadata: { user: '7' } });
    expect(subscription).toMatchObject({ status: 'active', billing_mode: { type: 'flexible' }, currency: 'eur' });
    expect(subscription).not.toHaveProperty('current_period_end');
    const item = itemOf(subscription);
    const days = (item.current_period_end - item.current_period_start) / 86_400;
    expect(days).toBeGreaterThanOrEqual(28);
    expect(days).toBeLessThanOrEqual(31);
    const [invoice, ...others] = await invoicesOf(sim, subscription.id);
    expect(others).toEqual([]);
    expect(invoice).toMatchObject({
      id: subscription.latest_invoice,
      status: 'paid',
      total: 1000,
      billing_reason: 'subscription_create',
      parent: {
        type: 'subscription_details',
        subscription_details: { subscription: subscription.id, metadata: { user: '7' } },
      },
    });
    expect(invoice?.lines.data).toMatchObject([
      {
        amount: 1000,
        description: '1 × Membership (at €10.00 / month)',
        period: { start: item.current_period_start, end: item.current_period_end },
        parent: {
          type: 'subscription_item_details',
          subscription_item_details: { subscription: subscription.id, subscription_item: item.id, proration: false },
        },
        pricing: { price_details: { price: item.price.id } },
      },
    ]);
    const told = sim.newEvents();
    for (const type of ['customer.subscription.created', 'invoice.created', 'invoice.finalized', 'invoice.paid']) {
      expect(told).toContain(type);
    }
    expect(told.indexOf('customer.subscription.updated')).toBeLessThan(told.indexOf('invoice.paid'));
  });

  test('can be of the older billing mode', async () => {
    const subscription = await subscribe(sim, { billing_mode: { type: 'classic' } });
    expect(subscription.billing_mode).toMatchObject({ type: 'classic', flexible: null });
  });

  test('has several items, each with its own interval', async () => {
    const monthly = await priceOf(sim, 1000);
    const yearly = await priceOf(sim, 5000, { interval: 'year' });
    const items = [{ price: monthly, quantity: 3 }, { price: yearly }];
    const subscription = await subscribe(sim, { items });
    const [first, second] = subscription.items.data;
    expect(second?.current_period_end).toBeGreaterThan((first?.current_period_end ?? 0) + 300 * 86_400);
    expect((await invoicesOf(sim, subscription.id))[0]).toMatchObject({ total: 8000 });
    const listed = await stripe.subscriptionItems.list({ subscription: subscription.id });
    expect(listed.data.map(({ quantity }) => quantity)).toEqual([3, 1]);
    const customer = await customerWith(sim);
    const classic = stripe.subscriptions.create({ customer, items, billing_mode: { type: 'classic' } });
    expect((await refusal(classic)).message).toMatch(/same `recurring.interval`/);
  });

  test('takes along what has waited for an invoice, and what is sold once', async () => {
    const customer = await customerWith(sim);
    await stripe.invoiceItems.create({ customer, amount: 250, currency: 'eur', description: 'Setup' });
    const { id: product } = await stripe.products.create({ name: 'Welcome box' });
    const add_invoice_items = [{ price_data: { currency: 'eur', product, unit_amount: 700 } }];
    const subscription = await subscribe(sim, { customer, add_invoice_items });
    const [invoice] = await invoicesOf(sim, subscription.id);
    expect(invoice?.lines.data.map(({ amount }) => amount)).toEqual([250, 700, 1000]);
  });

  test('inherits rates of tax and gives its own discount', async () => {
    const rate = await stripe.taxRates.create({ display_name: 'VAT', percentage: 20, inclusive: false });
    const coupon = await stripe.coupons.create({ percent_off: 50, duration: 'once' });
    const subscription = await subscribe(sim, { default_tax_rates: [rate.id], discounts: [{ coupon: coupon.id }] });
    const [invoice] = await invoicesOf(sim, subscription.id);
    expect(invoice).toMatchObject({ subtotal: 1000, total: 600, amount_paid: 600 });
    expect((await stripe.subscriptions.retrieve(subscription.id)).discounts).toEqual([]);
  });

  test('costs nothing and asks for no card where its price is zero', async () => {
    const subscription = await subscribe(sim, { card: null, amount: 0 });
    expect(subscription.status).toBe('active');
    expect((await invoicesOf(sim, subscription.id))[0]).toMatchObject({ status: 'paid', total: 0 });
  });
});

describe('a first payment that fails', () => {
  test('leaves the subscription incomplete, and its payment makes it active', async () => {
    const customer = await customerWith(sim, 'pm_card_chargeCustomerFail');
    const subscription = await subscribe(sim, { customer });
    expect(subscription.status).toBe('incomplete');
    const [invoice] = await invoicesOf(sim, subscription.id);
    expect(invoice).toMatchObject({ status: 'open', attempt_count: 1, next_payment_attempt: null });
    await useCard(stripe, customer, 'pm_card_visa');
    await stripe.invoices.pay(invoice?.id ?? '');
    expect(await statusOf(sim, subscription.id)).toBe('active');
  });

  test('is over after 23 hours: the subscription has expired and its invoice is void', async () => {
    const subscription = await subscribe(sim, { card: 'pm_card_chargeCustomerFail' });
    sim.advance(22 * HOUR);
    expect(await statusOf(sim, subscription.id)).toBe('incomplete');
    sim.advance(2 * HOUR);
    expect(await statusOf(sim, subscription.id)).toBe('incomplete_expired');
    expect((await invoicesOf(sim, subscription.id))[0]).toMatchObject({ status: 'void' });
    expect((await stripe.subscriptions.list({ customer: `${subscription.customer}` })).data).toEqual([]);
  });

  test('is not tried with default_incomplete: whoever has the secret confirms it', async () => {
    const subscription = await subscribe(sim, {
      card: null,
      payment_behavior: 'default_incomplete',
      payment_settings: { save_default_payment_method: 'on_subscription' },
      expand: ['latest_invoice.confirmation_secret', 'latest_invoice.payments'],
    });
    expect(subscription.status).toBe('incomplete');
    const invoice = subscription.latest_invoice;
    if (invoice === null || typeof invoice === 'string') throw new Error('The invoice was not expanded');
    const intent = invoice.confirmation_secret?.client_secret.split('_secret_')[0] ?? '';
    await stripe.paymentIntents.update(intent, { setup_future_usage: 'off_session' });
    await stripe.paymentIntents.confirm(intent, { payment_method: 'pm_card_visa', return_url: 'https://example.com' });
    const after = await stripe.subscriptions.retrieve(subscription.id);
    expect(after.status).toBe('active');
    expect(after.default_payment_method).toMatch(/^pm_/);
  });

  test('leaves nothing with error_if_incomplete', async () => {
    const customer = await customerWith(sim, 'pm_card_chargeCustomerFail');
    const items = [{ price: await priceOf(sim, 1000) }];
    const failed = await refusal(
      stripe.subscriptions.create({ customer, items, payment_behavior: 'error_if_incomplete' }),
    );
    expect(failed).toMatchObject({ statusCode: 402, code: 'card_declined' });
    expect((await stripe.subscriptions.list({ customer, status: 'all' })).data).toEqual([]);
    expect((await stripe.invoices.list({ customer })).data).toEqual([]);
  });

  test('waits for the customer whose bank wants to see them', async () => {
    const subscription = await subscribe(sim, { card: 'pm_card_authenticationRequired' });
    expect(subscription.status).toBe('incomplete');
    expect(sim.newEvents()).toContain('invoice.payment_action_required');
  });

  test('of a bank debit comes later: until then the subscription is active', async () => {
    const customer = await customerWith(sim, null);
    const method = await stripe.paymentMethods.create({
      type: 'sepa_debit',
      sepa_debit: { iban: 'AT861904300235473202' },
      billing_details: { name: 'Ada', email: 'ada@example.com' },
    });
    await stripe.paymentMethods.attach(method.id, { customer });
    const subscription = await subscribe(sim, { customer, default_payment_method: method.id });
    expect(await statusOf(sim, subscription.id)).toBe('active');
    sim.advance(4 * 24 * HOUR);
    expect(await statusOf(sim, subscription.id)).toBe('past_due');
  });
});

describe('Stripe refuses a subscription', () => {
  test.each<[string, (price: string) => Partial<Stripe.SubscriptionCreateParams>, RegExp]>([
    ['without items', () => ({ items: [] }), /Missing required param: items/],
    ['of the same price twice', (price) => ({ items: [{ price }, { price }] }), /multiple subscription items/],
    ['of an unknown price', () => ({ items: [{ price: 'price_none' }] }), /No such price/],
    [
      'with two ends',
      (price) => ({ items: [{ price }], cancel_at: 4e9, cancel_at_period_end: true }),
      /only specify one/,
    ],
    ['with two trials', (price) => ({ items: [{ price }], trial_end: 4e9, trial_period_days: 3 }), /only specify one/],
    ['with automatic tax', (price) => ({ items: [{ price }], automatic_tax: { enabled: true } }), /not simulated/],
    ['that is billed by mail', (price) => ({ items: [{ price }], collection_method: 'send_invoice' }), /not simulated/],
    ['with a backdated start', (price) => ({ items: [{ price }], backdate_start_date: 1 }), /not simulated/],
    [
      'whose update is pending',
      (price) => ({ items: [{ price }], payment_behavior: 'pending_if_incomplete' }),
      /updates/,
    ],
  ])('%s', async (_what, params, message) => {
    const customer = await customerWith(sim);
    const wanted = params(await priceOf(sim, 1000));
    expect((await refusal(stripe.subscriptions.create({ customer, ...wanted }))).message).toMatch(message);
  });

  test('of a customer without a card, of another currency, or of what is sold once', async () => {
    const nobody = await customerWith(sim, null);
    const items = [{ price: await priceOf(sim, 1000) }];
    expect((await refusal(stripe.subscriptions.create({ customer: nobody, items }))).message).toMatch(
      /no attached payment source/,
    );
    const { customer } = await subscribe(sim);
    const { id: product } = await stripe.products.create({ name: 'Dollars' });
    const dollars = await stripe.prices.create({
      product,
      currency: 'usd',
      unit_amount: 5,
      recurring: { interval: 'month' },
    });
    const mixed = stripe.subscriptions.create({ customer: `${customer}`, items: [{ price: dollars.id }] });
    expect((await refusal(mixed)).message).toMatch(/cannot combine currencies/);
    const once = await stripe.prices.create({ product, currency: 'eur', unit_amount: 5 });
    const sold = stripe.subscriptions.create({ customer: `${customer}`, items: [{ price: once.id }] });
    expect((await refusal(sold)).message).toMatch(/only accepts prices with `type=recurring`/);
  });
});

describe('the list of subscriptions', () => {
  test('filters by customer, status and price, and shows what has ended only when asked', async () => {
    const customer = await customerWith(sim);
    const price = await priceOf(sim, 1000);
    const ended = await subscribe(sim, { customer });
    await stripe.subscriptions.cancel(ended.id);
    const running = await subscribe(sim, { customer, items: [{ price }] });
    const ids = async (params: Stripe.SubscriptionListParams) =>
      (await stripe.subscriptions.list(params)).data.map(({ id }) => id);
    expect(await ids({ customer })).toEqual([running.id]);
    expect(await ids({ customer, status: 'all' })).toEqual([running.id, ended.id]);
    expect(await ids({ customer, status: 'ended' })).toEqual([ended.id]);
    expect(await ids({ customer, status: 'canceled' })).toEqual([ended.id]);
    expect(await ids({ price })).toEqual([running.id]);
    const expanded = await stripe.customers.retrieve(customer, { expand: ['subscriptions'] });
    expect(expanded).toMatchObject({ subscriptions: { data: [{ id: running.id }] } });
  });
});
