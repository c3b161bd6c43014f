import type Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import { draft, type Simulated, simulated } from './simulated.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

let sim: Simulated;
let stripe: Stripe;

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
});

async function customerPayingWith(card: string): Promise<string> {
  const { id } = await stripe.customers.create({ email: 'ada@example.com' });
  const method = await stripe.paymentMethods.attach(card, { customer: id });
  await stripe.customers.update(id, { invoice_settings: { default_payment_method: method.id } });
  return id;
}

describe('an invoice that advances by itself', () => {
  test('is finalized and charged an hour later', async () => {
    const { id } = await draft(sim, { customer: await customerPayingWith('pm_card_visa'), auto_advance: true });
    expect((await stripe.invoices.retrieve(id)).automatically_finalizes_at).toBeGreaterThan(
      sim.world.firstAccount().clock.now(),
    );
    sim.advance(HOUR - 60);
    expect((await stripe.invoices.retrieve(id)).status).toBe('draft');
    sim.advance(120);
    expect(await stripe.invoices.retrieve(id)).toMatchObject({ status: 'paid', attempt_count: 1 });
  });

  test('stays a draft when it is told to', async () => {
    const { id } = await draft(sim, { customer: await customerPayingWith('pm_card_visa'), auto_advance: true });
    await stripe.invoices.update(id, { auto_advance: false });
    sim.advance(DAY);
    expect(await stripe.invoices.retrieve(id)).toMatchObject({ status: 'draft', automatically_finalizes_at: null });
  });

  test('is finalized at the time that it names', async () => {
    const at = sim.world.firstAccount().clock.now() + 2 * DAY;
    const customer = await customerPayingWith('pm_card_visa');
    const { id } = await draft(sim, { customer, automatically_finalizes_at: at });
    sim.advance(DAY);
    expect((await stripe.invoices.retrieve(id)).status).toBe('draft');
    sim.advance(DAY + 60);
    expect((await stripe.invoices.retrieve(id)).status).not.toBe('draft');
  });

  test('waits for webhooks that nobody receives, 72 hours at most', async () => {
    // A port that nothing listens on.
    await stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:9/', enabled_events: ['invoice.created'] });
    const { id } = await draft(sim, { customer: await customerPayingWith('pm_card_visa'), auto_advance: true });
    sim.world.firstAccount().webhooks.set({ ...sim.world.firstAccount().webhooks.switches, paused: true });
    sim.advance(70 * HOUR);
    expect((await stripe.invoices.retrieve(id)).status).toBe('draft');
    sim.advance(3 * HOUR);
    expect((await stripe.invoices.retrieve(id)).status).toBe('paid');
  });

  test('is tried again after 3, 5 and 7 days, and then no more', async () => {
    const { id } = await draft(sim, { customer: await customerPayingWith('pm_card_chargeCustomerFail') });
    await stripe.invoices.finalizeInvoice(id, { auto_advance: true });
    const counts: [number, boolean][] = [];
    for (const seconds of [HOUR, 3 * DAY, 5 * DAY, 7 * DAY, 30 * DAY]) {
      sim.advance(seconds + 60);
      const { attempt_count, next_payment_attempt } = await stripe.invoices.retrieve(id);
      counts.push([attempt_count, next_payment_attempt !== null]);
    }
    expect(counts).toEqual([
      [1, true],
      [2, true],
      [3, true],
      [4, false],
      [4, false],
    ]);
  });
});

describe('a renewal', () => {
  test('is an invoice of Stripe, whose payment looks like any other', async () => {
    sim.newEvents();
    const {
      invoice: id,
      payment_intent: intent,
      subscription,
    } = await sim.control('renewals', { amount: 900, currency: 'eur' });
    expect(sim.newEvents()).toEqual(
      expect.arrayContaining(['invoice.created', 'invoice.finalized', 'invoice.paid', 'payment_intent.succeeded']),
    );
    const invoice = await stripe.invoices.retrieve(`${id}`);
    expect(invoice).toMatchObject({
      status: 'paid',
      billing_reason: 'subscription_cycle',
      parent: { type: 'subscription_details', subscription_details: { subscription } },
    });
    const payment = { type: 'payment_intent' as const, payment_intent: `${intent}` };
    const { data } = await stripe.invoicePayments.list({ payment });
    expect(data).toMatchObject([{ invoice: id, status: 'paid', is_default: true }]);
    const listed = await stripe.invoices.list({ subscription: `${subscription}` });
    expect(listed.data.map((one) => one.id)).toEqual([id]);
  });

  test('that fails stays open and is planned again', async () => {
    const body = { amount: 900, currency: 'eur', payment_method: 'pm_card_chargeCustomerFail' };
    const { invoice: id } = await sim.control('renewals', body);
    const invoice = await stripe.invoices.retrieve(`${id}`);
    expect(invoice).toMatchObject({ status: 'open', attempt_count: 1 });
    expect(invoice.next_payment_attempt).toBeGreaterThan(invoice.created + 2 * DAY);
  });
});

describe('Checkout with invoice_creation', () => {
  const line = { quantity: 2, price_data: { currency: 'eur', unit_amount: 1500, product_data: { name: 'Course' } } };

  test('leaves a paid invoice of its own, which takes nothing from the balance of the customer', async () => {
    const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'once' });
    const rate = await stripe.taxRates.create({ display_name: 'VAT', percentage: 19, inclusive: false });
    const customer = await stripe.customers.create({ email: 'ada@example.com', invoice_prefix: 'CHK' });
    await stripe.customers.createBalanceTransaction(customer.id, { amount: -500, currency: 'eur' });
    const session = await stripe.checkout.sessions.create({
      mode: 'payment',
      customer: customer.id,
      line_items: [{ ...line, tax_rates: [rate.id] }],
      discounts: [{ coupon: coupon.id }],
      success_url: 'https://example.com/thanks',
      invoice_creation: { enabled: true, invoice_data: { footer: 'From Checkout', metadata: { a: '1' } } },
    });
    await sim.control('checkout/pay', { session: session.id });
    sim.advance(60);
    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['invoice.payments'] });
    const { invoice } = done;
    if (invoice === null || typeof invoice === 'string') throw new Error('The session has no invoice');
    expect(invoice).toMatchObject({
      status: 'paid',
      number: 'CHK-0001',
      subtotal: 3000,
      total: 3213,
      amount_paid: 3213,
      starting_balance: 0,
      footer: 'From Checkout',
      metadata: { a: '1' },
    });
    expect(invoice.total).toBe(done.amount_total);
    expect(invoice.payments?.data).toMatchObject([
      { status: 'paid', payment: { payment_intent: done.payment_intent } },
    ]);
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ balance: -500 });
  });

  test('is what makes the difference: without it there is none', async () => {
    const session = await stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [line],
      success_url: 'https://example.com/thanks',
    });
    await sim.control('checkout/pay', { session: session.id });
    sim.advance(60);
    expect((await stripe.checkout.sessions.retrieve(session.id)).invoice).toBeNull();
  });
});
