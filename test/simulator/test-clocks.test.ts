import type Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { refusal, type Simulated, simulated } from './invoicing/simulated.ts';
import { DAY, HOUR, invoicesOf, itemOf, priceOf } from './subscriptions/subscribed.ts';

const START = Date.UTC(2027, 0, 31, 12) / 1000;

let sim: Simulated;
let stripe: Stripe;

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
});

async function clockAt(frozen_time = START): Promise<Stripe.TestHelpers.TestClock> {
  return stripe.testHelpers.testClocks.create({ frozen_time, name: 'A year' });
}

async function subscriberOn(test_clock: string): Promise<Stripe.Subscription> {
  const { id: customer } = await stripe.customers.create({ test_clock, email: 'ada@example.com' });
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer });
  const items = [{ price: await priceOf(sim, 1000) }];
  return stripe.subscriptions.create({ customer, items, default_payment_method: method.id });
}

async function advance(id: string, frozen_time: number): Promise<void> {
  expect(await stripe.testHelpers.testClocks.advance(id, { frozen_time })).toMatchObject({ status: 'advancing' });
  await until(async () => (await stripe.testHelpers.testClocks.retrieve(id)).status === 'ready');
}

describe('a test clock', () => {
  test('gives its customers a time of their own, which nobody else lives in', async () => {
    const clock = await clockAt();
    expect(clock).toMatchObject({ status: 'ready', frozen_time: START, name: 'A year' });
    const subscription = await subscriberOn(clock.id);
    expect(subscription).toMatchObject({ created: START, test_clock: clock.id, status: 'active' });
    // January has 31 days, February 28: the 31st comes back in March.
    expect(itemOf(subscription).current_period_end).toBe(Date.UTC(2027, 1, 28, 12) / 1000);
    sim.advance(400 * DAY);
    expect(await invoicesOf(sim, subscription.id)).toHaveLength(1);
    sim.newEvents();
    await advance(clock.id, Date.UTC(2027, 2, 5) / 1000);
    const [, renewal] = await invoicesOf(sim, subscription.id);
    expect(renewal).toMatchObject({ status: 'paid', created: Date.UTC(2027, 1, 28, 12) / 1000, test_clock: clock.id });
    expect(renewal?.status_transitions.finalized_at).toBe((renewal?.created ?? 0) + HOUR);
    const { items } = await stripe.subscriptions.retrieve(subscription.id);
    expect(items.data[0]?.current_period_end).toBe(Date.UTC(2027, 2, 31, 12) / 1000);
    const told = sim.newEvents();
    expect([told[0], told.at(-1)]).toEqual(['test_helpers.test_clock.advancing', 'test_helpers.test_clock.ready']);
  });

  test('hides its customers and subscriptions from lists that do not ask for it', async () => {
    const clock = await clockAt();
    const { id, customer } = await subscriberOn(clock.id);
    const hidden = (await stripe.customers.list({ limit: 100 })).data.map((one) => one.id);
    expect(hidden).not.toContain(customer);
    expect((await stripe.subscriptions.list({ limit: 100 })).data.map((one) => one.id)).not.toContain(id);
    expect((await stripe.customers.list({ test_clock: clock.id })).data).toMatchObject([{ id: customer }]);
    expect((await stripe.subscriptions.list({ test_clock: clock.id })).data).toMatchObject([{ id }]);
    expect((await stripe.subscriptions.list({ customer: `${customer}` })).data).toMatchObject([{ id }]);
  });

  test('moves forward only, and two intervals at most', async () => {
    const clock = await clockAt();
    await subscriberOn(clock.id);
    const back = stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: START });
    expect((await refusal(back)).message).toMatch(/must be after/);
    const far = stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: START + 90 * DAY });
    expect((await refusal(far)).message).toMatch(/two intervals/);
  });

  test('takes its customers with it', async () => {
    const clock = await clockAt();
    const { id, customer } = await subscriberOn(clock.id);
    expect((await stripe.testHelpers.testClocks.list()).data[0]).toMatchObject({ id: clock.id });
    expect(await stripe.testHelpers.testClocks.del(clock.id)).toMatchObject({ deleted: true });
    expect(await stripe.customers.retrieve(`${customer}`)).toMatchObject({ deleted: true });
    expect((await stripe.subscriptions.retrieve(id)).status).toBe('canceled');
    expect((await refusal(stripe.testHelpers.testClocks.retrieve(clock.id))).statusCode).toBe(404);
  });
});
