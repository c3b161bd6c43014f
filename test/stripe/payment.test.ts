import { afterAll, describe, expect, test } from 'vitest';
import { startSimulator } from '../../simulator/simulator.ts';
import { countingStripeCalls, createStripe } from '../../src/stripe/client.ts';
import { objectOf } from '../../src/stripe/event-object.ts';
import { unlimited } from '../../src/stripe/limiter.ts';
import { fetchPayment } from '../../src/stripe/payment.ts';
import { until } from '../support/eventually.ts';
import { buy, item, payDirectly } from '../support/purchases.ts';
import { simulatedStripe } from '../support/simulated-stripe.ts';

const key = 'sk_test_payment';
const simulator = await startSimulator({ keys: [key] });
afterAll(() => simulator.close());
const side = simulatedStripe({ url: simulator.url, key });
const stripe = createStripe({ secretKey: key, apiBase: simulator.url, timeoutMs: 5_000, limiter: unlimited });

describe('a payment as Stripe knows it', () => {
  test('of a Checkout Session comes with its items, in three reads', async () => {
    const { id: customer } = await stripe.customers.create({ name: 'Ada' });
    const intent = await buy(side, {
      customer,
      line_items: [item('Course', 5_000), item('Book', 900, { quantity: 2 })],
    });
    const [payment, requests] = await countingStripeCalls(async (counted) => {
      const fetched = await fetchPayment(stripe, intent);
      return [fetched, counted()] as const;
    });
    expect(requests).toBe(3);
    expect(payment).toMatchObject({
      intent: { id: intent, status: 'succeeded', amount_received: 6_800 },
      customer: { id: customer, name: 'Ada' },
      charge: { payment_intent: intent, paid: true },
      session: { payment_intent: intent, mode: 'payment' },
      invoices: [],
    });
    expect(payment.lineItems.map(({ description, quantity }) => [description, quantity])).toEqual([
      ['Course', 1],
      ['Book', 2],
    ]);
  });

  test('with more items than are told at once comes with all of them', async () => {
    const many = Array.from({ length: 23 }, (_, n) => item(`Lesson ${n + 1}`, 100 + n));
    const { lineItems } = await fetchPayment(stripe, await buy(side, { line_items: many }));
    expect(lineItems.map(({ description }) => description).sort()).toEqual(
      many.map((_, n) => `Lesson ${n + 1}`).sort(),
    );
  });

  test('without Checkout, of a customer who was deleted, has neither', async () => {
    const { id: customer } = await stripe.customers.create({ name: 'Ada' });
    const intent = await payDirectly(side, { customer });
    await stripe.customers.del(customer);
    expect(await fetchPayment(stripe, intent)).toMatchObject({ customer: null, session: null, lineItems: [] });
  });

  test('names the invoice that Stripe made of it', async () => {
    const intent = await buy(side, { invoice_creation: { enabled: true } });
    // Stripe makes it some time after the payment.
    const invoices = await until(async () => {
      const found = (await fetchPayment(stripe, intent)).invoices;
      return found.length > 0 && found;
    });
    expect(invoices).toEqual([expect.stringMatching(/^in_/)]);
  });
});

describe('the object of an event', () => {
  test('is inside a snapshot event, and fetched for a thin one', async () => {
    const intent = await payDirectly(side);
    const object = { id: intent, object: 'payment_intent', anything: 1 };
    expect(await objectOf({ object: 'event', data: { object } }, stripe)).toEqual(object);
    const thin = { object: 'v2.core.event', related_object: { id: intent, url: `/v1/payment_intents/${intent}` } };
    expect(await objectOf(thin, stripe)).toMatchObject({ id: intent, object: 'payment_intent', status: 'succeeded' });
  });

  test.each([
    ['nothing at all', null],
    ['a thin event without one', { object: 'v2.core.event', related_object: null }],
    ['a link that leads elsewhere', { object: 'v2.core.event', related_object: { url: 'https://evil.example/v1/x' } }],
  ])('is refused when it is %s', async (_what, payload) => {
    await expect(objectOf(payload, stripe)).rejects.toThrow();
  });
});
