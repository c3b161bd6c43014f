import type Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import { refusal, type Simulated, simulated } from './invoicing/simulated.ts';
import { DAY, invoicesOf, itemOf, passPeriod, priceOf, statusOf, subscribe } from './subscriptions/subscribed.ts';

let sim: Simulated;
let stripe: Stripe;

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
});

interface Scheduled {
  subscription: Stripe.Subscription;
  schedule: Stripe.SubscriptionSchedule;
  end: number;
}

async function scheduled(): Promise<Scheduled> {
  const subscription = await subscribe(sim, { amount: 3000 });
  const schedule = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
  return { subscription, schedule, end: itemOf(subscription).current_period_end };
}

/** The running phase as it is, and another price after it. */
async function thenCheaper({ subscription, schedule, end }: Scheduled, more: object = {}): Promise<void> {
  const [running] = schedule.phases;
  await stripe.subscriptionSchedules.update(schedule.id, {
    ...more,
    phases: [
      { items: [{ price: itemOf(subscription).price.id }], start_date: running?.start_date ?? 0, end_date: end },
      { items: [{ price: await priceOf(sim, 1000) }], duration: { interval: 'month' } },
    ],
  });
}

describe('a subscription schedule', () => {
  test('begins as what its subscription is', async () => {
    const { subscription, schedule, end } = await scheduled();
    expect(schedule).toMatchObject({
      status: 'active',
      end_behavior: 'release',
      subscription: subscription.id,
      current_phase: { start_date: itemOf(subscription).current_period_start, end_date: end },
      phases: [{ items: [{ price: itemOf(subscription).price.id, quantity: 1 }] }],
    });
    expect((await stripe.subscriptions.retrieve(subscription.id)).schedule).toBe(schedule.id);
    const again = stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
    expect((await refusal(again)).message).toContain(schedule.id);
  });

  test('makes a plan cheaper with the next period, which is billed at the new price and prorates nothing', async () => {
    const made = await scheduled();
    const { id } = made.subscription;
    await thenCheaper(made);
    expect(itemOf(await stripe.subscriptions.retrieve(id)).price.unit_amount).toBe(3000);
    passPeriod(sim, made.end);
    const item = itemOf(await stripe.subscriptions.retrieve(id));
    expect(item).toMatchObject({ id: itemOf(made.subscription).id, price: { unit_amount: 1000 } });
    const renewal = (await invoicesOf(sim, id))[1];
    expect(renewal?.lines.data.map(({ amount }) => amount)).toEqual([1000]);
    expect(renewal?.status).toBe('paid');
    passPeriod(sim, item.current_period_end);
    expect(await stripe.subscriptionSchedules.retrieve(made.schedule.id)).toMatchObject({
      status: 'released',
      released_subscription: id,
      subscription: null,
    });
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active', schedule: null });
  });

  test('decides alone: its subscription refuses to be changed or ended directly', async () => {
    const { subscription } = await scheduled();
    const end = stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    expect((await refusal(end)).message).toMatch(/managed by the subscription schedule/);
    expect((await refusal(stripe.subscriptions.pause(subscription.id))).message).toMatch(/attached schedule/);
  });

  test('can end its subscription, and releasing it drops that end', async () => {
    const made = await scheduled();
    const { id } = made.subscription;
    await stripe.subscriptionSchedules.update(made.schedule.id, { end_behavior: 'cancel' });
    expect((await stripe.subscriptions.retrieve(id)).cancel_at).toBe(made.end);
    await stripe.subscriptionSchedules.release(made.schedule.id);
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ cancel_at: null, schedule: null });

    const other = await scheduled();
    await thenCheaper(other, { end_behavior: 'cancel' });
    sim.newEvents();
    sim.advance(70 * DAY);
    expect(await statusOf(sim, other.subscription.id)).toBe('canceled');
    expect((await stripe.subscriptionSchedules.retrieve(other.schedule.id)).status).toBe('completed');
    expect(sim.newEvents()).toContain('subscription_schedule.completed');
  });

  test('changes the running phase at once, with its prorations', async () => {
    const { subscription, schedule } = await scheduled();
    const [running] = schedule.phases;
    await stripe.subscriptionSchedules.update(schedule.id, {
      proration_behavior: 'always_invoice',
      phases: [{ items: [{ price: await priceOf(sim, 6000) }], start_date: running?.start_date ?? 0 }],
    });
    expect((await invoicesOf(sim, subscription.id))[1]).toMatchObject({
      status: 'paid',
      billing_reason: 'subscription_update',
    });
  });

  test('is canceled with its subscription', async () => {
    const { subscription, schedule } = await scheduled();
    const canceled = await stripe.subscriptionSchedules.cancel(schedule.id);
    expect(canceled).toMatchObject({ status: 'canceled' });
    expect(await statusOf(sim, subscription.id)).toBe('canceled');
    expect((await refusal(stripe.subscriptionSchedules.release(schedule.id))).message).toMatch(/`canceled` status/);
    const customer = `${subscription.customer}`;
    expect((await stripe.subscriptionSchedules.list({ customer })).data).toMatchObject([{ id: schedule.id }]);
  });

  test('refuses phases that do not follow each other', async () => {
    const { subscription, schedule, end } = await scheduled();
    const items = [{ price: itemOf(subscription).price.id }];
    const moved = stripe.subscriptionSchedules.update(schedule.id, { phases: [{ items, start_date: end }] });
    expect((await refusal(moved)).message).toMatch(/start date of the current phase/);
    const trial = stripe.subscriptionSchedules.update(schedule.id, { phases: [{ items, trial: true }] });
    expect((await refusal(trial)).message).toMatch(/not simulated/);
  });
});
