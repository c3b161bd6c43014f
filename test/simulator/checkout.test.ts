import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { failureOf, useSimulator } from './harness.ts';

const harness = useSimulator();

type Params = Stripe.Checkout.SessionCreateParams;

const line = (amount: number, currency = 'eur', quantity = 1): NonNullable<Params['line_items']>[number] => ({
  quantity,
  price_data: { currency, unit_amount: amount, product_data: { name: 'Course' } },
});

const open = (more: Partial<Params> = {}): Promise<Stripe.Checkout.Session> =>
  harness.stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [line(5000)],
    success_url: 'https://shop.example/thanks?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://shop.example/cart',
    ...more,
  });

const pay = (session: string, choice = 'card', buyer: object = {}) =>
  harness.control('POST', '/checkout/pay', { session, choice, ...buyer });

const read = (id: string, expand: string[] = []) => harness.stripe.checkout.sessions.retrieve(id, { expand });

/** Oldest first, without the one that comes whenever the balance transaction is there. */
const eventTypes = async (): Promise<string[]> =>
  (await harness.stripe.events.list({ limit: 100 })).data
    .map(({ type }) => type)
    .filter((type) => type !== 'charge.updated')
    .reverse();

describe('Checkout Sessions of the simulated Stripe', () => {
  it('begin open, with a page, without a payment intent, for a day', async () => {
    const session = await open({ client_reference_id: 'order-7', metadata: { order: '7' } });
    expect(session).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
      customer: null,
      customer_creation: 'if_required',
      amount_subtotal: 5000,
      amount_total: 5000,
      currency: 'eur',
      client_reference_id: 'order-7',
      url: `${harness.simulator.url}/c/pay/${session.id}`,
    });
    expect(session.expires_at - session.created).toBe(86_400);
  });

  it('make the payment intent when the buyer confirms; metadata of the session stays there', async () => {
    const { id } = await open({
      metadata: { order: '7' },
      payment_intent_data: { description: 'Course', metadata: { course: 'a' }, receipt_email: 'r@example.com' },
    });
    await pay(id, 'card', { email: 'ann@example.com', name: 'Ann', address: { country: 'DE' } });
    expect(await read(id, ['payment_intent'])).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      url: null,
      customer: null,
      customer_details: { email: 'ann@example.com', name: 'Ann', address: { country: 'DE' } },
      payment_intent: {
        status: 'succeeded',
        amount_received: 5000,
        customer: null,
        description: 'Course',
        metadata: { course: 'a' },
        receipt_email: 'r@example.com',
      },
    });
    expect((await eventTypes()).slice(-4)).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ]);
  });

  it('compute lines, taxes, discounts and shipping', async () => {
    const vat = await harness.stripe.taxRates.create({ display_name: 'VAT', percentage: 19, inclusive: true });
    const sales = await harness.stripe.taxRates.create({ display_name: 'Sales', percentage: 8.25, inclusive: false });
    await harness.stripe.coupons.create({ id: 'TEN', percent_off: 10 });
    const session = await open({
      line_items: [
        { ...line(4999, 'eur', 2), tax_rates: [vat.id] },
        { ...line(1000), tax_rates: [sales.id] },
      ],
      discounts: [{ coupon: 'TEN' }],
      shipping_options: [
        {
          shipping_rate_data: {
            display_name: 'Post',
            type: 'fixed_amount',
            fixed_amount: { amount: 500, currency: 'eur' },
          },
        },
      ],
    });
    await pay(session.id);
    const [listed] = (
      await harness.stripe.checkout.sessions.list({
        payment_intent: String((await read(session.id)).payment_intent),
        expand: ['data.line_items', 'data.line_items.data.taxes', 'data.total_details.breakdown'],
      })
    ).data;
    expect(listed).toMatchObject({
      amount_subtotal: 10_998,
      amount_total: 10_472,
      total_details: {
        amount_discount: 1100,
        amount_shipping: 500,
        amount_tax: 1511,
        breakdown: { discounts: [{ amount: 1100 }], taxes: [{ amount: 1437 }, { amount: 74 }] },
      },
      shipping_cost: { amount_total: 500 },
      line_items: {
        data: [
          { description: 'Course', quantity: 2, amount_discount: 1000, amount_tax: 1437, amount_total: 8998 },
          { amount_subtotal: 1000, taxes: [{ amount: 74, taxable_amount: 900, rate: { percentage: 8.25 } }] },
        ],
      },
    });
    const lines = await harness.stripe.checkout.sessions.listLineItems(session.id, {
      limit: 1,
      expand: ['data.price.product', 'data.discounts'],
    });
    expect(lines).toMatchObject({
      has_more: true,
      data: [{ price: { active: false, product: { name: 'Course' } }, discounts: [{ amount: 1000 }] }],
    });
    expect((await harness.stripe.paymentIntents.list()).data[0]?.amount_received).toBe(10_472);
  });

  it('sell with prices that exist, to a customer who exists', async () => {
    const price = await harness.stripe.prices.create({
      currency: 'jpy',
      unit_amount: 700,
      product_data: { name: 'Book' },
    });
    const customer = await harness.stripe.customers.create({ email: 'ann@example.com' });
    const { id } = await open({ line_items: [{ price: price.id, quantity: 3 }], customer: customer.id });
    await pay(id);
    expect(await read(id, ['customer', 'payment_intent'])).toMatchObject({
      amount_total: 2100,
      currency: 'jpy',
      customer: { email: 'ann@example.com' },
      customer_creation: null,
      payment_intent: { customer: customer.id, amount_received: 2100 },
    });
    expect((await harness.stripe.checkout.sessions.list({ customer: customer.id })).data).toHaveLength(1);
  });

  it('make a customer of a guest only where that is asked for or needed', async () => {
    const guest = await open();
    const asked = await open({ customer_creation: 'always' });
    const needed = await open({ payment_intent_data: { setup_future_usage: 'off_session' } });
    for (const { id } of [guest, asked, needed]) await pay(id, 'card', { email: `${id.slice(-6)}@example.com` });
    expect((await read(guest.id)).customer).toBeNull();
    expect((await read(asked.id, ['customer'])).customer).toMatchObject({ name: 'Test Buyer' });
    expect((await read(needed.id)).customer).toMatch(/^cus_/);
  });

  it('stay open after a decline and use the same intent for the next attempt', async () => {
    const { id } = await open();
    expect(await pay(id, 'insufficient')).toMatchObject({
      outcome: 'declined',
      message: 'Your card has insufficient funds.',
    });
    const { status, payment_intent: first } = await read(id);
    expect(status).toBe('open');
    expect(await pay(id)).toMatchObject({ outcome: 'paid', payment_intent: first });
    await expect(pay(id)).rejects.toThrow(/status of complete/);
  });

  it.each([
    ['debit', 'paid', 'checkout.session.async_payment_succeeded'],
    ['debit_fails', 'unpaid', 'checkout.session.async_payment_failed'],
  ])('with a %s complete unpaid and end %s', async (choice, ended, event) => {
    const { id } = await open();
    await pay(id, choice);
    expect(await read(id)).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
    expect(await eventTypes()).toContain('payment_intent.processing');
    await harness.control('POST', '/payments/settle');
    expect((await read(id)).payment_status).toBe(ended);
    expect(await eventTypes()).toContain(event);
  });

  it('settle debits by the clock as well', async () => {
    const { id } = await open({ line_items: [line(5000, 'usd')] });
    await pay(id, 'debit');
    await harness.control('POST', '/clock/advance', { seconds: 3 * 86_400 + 1 });
    expect((await read(id)).payment_status).toBe('paid');
  });

  it('need no payment when nothing is due', async () => {
    await harness.stripe.coupons.create({ id: 'FREE', percent_off: 100 });
    const { id } = await open({ discounts: [{ coupon: 'FREE' }] });
    await pay(id);
    expect(await read(id)).toMatchObject({
      payment_status: 'no_payment_required',
      payment_intent: null,
      status: 'complete',
    });
  });

  it('expire on request or by the clock, and only while open', async () => {
    const now = harness.simulator.world.firstAccount().clock.now();
    const short = await open({ expires_at: now + 1860 });
    const asked = await open();
    expect(await harness.stripe.checkout.sessions.expire(asked.id)).toMatchObject({ status: 'expired', url: null });
    const error = await failureOf(harness.stripe.checkout.sessions.expire(asked.id));
    expect(error.message).toBe(
      'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of expired.',
    );
    await harness.control('POST', '/clock/advance', { seconds: 1900 });
    expect((await read(short.id)).status).toBe('expired');
    expect((await eventTypes()).filter((type) => type === 'checkout.session.expired')).toHaveLength(2);
  });

  it('keep metadata that is added later', async () => {
    const { id } = await open({ metadata: { a: '1' } });
    expect((await harness.stripe.checkout.sessions.update(id, { metadata: { b: '2' } })).metadata).toEqual({
      a: '1',
      b: '2',
    });
  });

  it.each<[string, Partial<Params>, RegExp]>([
    [
      'a recurring price',
      {
        line_items: [
          {
            quantity: 1,
            price_data: {
              currency: 'eur',
              unit_amount: 500,
              recurring: { interval: 'month' },
              product_data: { name: 'Plan' },
            },
          },
        ],
      },
      /passed a recurring price/,
    ],
    ['two currencies', { line_items: [line(500), line(500, 'usd')] }, /multiple currencies/],
    ['too short a life', { expires_at: Math.floor(Date.now() / 1000) + 600 }, /at least 30 minutes/],
    ['too long a life', { expires_at: Math.floor(Date.now() / 1000) + 90_000 }, /less than 24 hours/],
    ['a customer and an email', { customer: 'cus_x', customer_email: 'a@example.com' }, /only specify one of these/],
    ['a total below the minimum', { line_items: [line(10)] }, /at least €0\.50/],
    ['no lines', { line_items: [] }, /Missing required param: line_items/],
    ['automatic tax', { automatic_tax: { enabled: true } }, /simulator: automatic_tax is not simulated/],
  ])('refuse %s', async (_name, params, message) => {
    expect((await failureOf(open(params))).message).toMatch(message);
  });
});
