import fc from 'fast-check';
import Stripe from 'stripe';
import { beforeAll, expect, test } from 'vitest';
import { depth, propertyRun } from '../../support/property.ts';
import { type Simulated, simulated } from '../invoicing/simulated.ts';
import { DAY, invoicesOf, itemOf, priceOf, useCard } from './subscribed.ts';

/** Whatever is done to a subscription: nothing changes that no event tells, and no status follows that Stripe does not know. */

let sim: Simulated;
let stripe: Stripe;
let prices: string[];

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
  prices = await Promise.all([
    priceOf(sim, 1000),
    priceOf(sim, 2500),
    priceOf(sim, 0),
    priceOf(sim, 20_000, { interval: 'year' }),
  ]);
});

interface Subscribed {
  id: string;
  customer: string;
}

type Deed = (subscribed: Subscribed) => Promise<unknown>;

const priceAt = (index: number): string => prices[index] ?? '';

async function openInvoice({ id }: Subscribed): Promise<string> {
  const open = (await invoicesOf(sim, id)).find(({ status }) => status === 'open');
  if (open === undefined) throw new Nothing();
  return open.id;
}

/** There is nothing to do it to. */
class Nothing extends Error {}

function changeTo(index: number, how: Stripe.SubscriptionUpdateParams): Deed {
  return async ({ id }) => {
    const item = itemOf(await stripe.subscriptions.retrieve(id));
    return stripe.subscriptions.update(id, { ...how, items: [{ id: item.id, price: priceAt(index) }] });
  };
}

const atOnce = { proration_behavior: 'always_invoice' } as const;
const deeds: Record<string, Deed> = {
  'a day passes': async () => sim.advance(DAY),
  'a week passes': async () => sim.advance(7 * DAY),
  'a month passes': async () => sim.advance(31 * DAY),
  'the card works': ({ customer }) => useCard(stripe, customer, 'pm_card_visa'),
  'the card fails': ({ customer }) => useCard(stripe, customer, 'pm_card_chargeCustomerFail'),
  'the bank asks': ({ customer }) => useCard(stripe, customer, 'pm_card_authenticationRequired'),
  'the open invoice is paid': async (one) => stripe.invoices.pay(await openInvoice(one)),
  'the open invoice is paid elsewhere': async (one) =>
    stripe.invoices.pay(await openInvoice(one), { paid_out_of_band: true }),
  'the open invoice is void': async (one) => stripe.invoices.voidInvoice(await openInvoice(one)),
  'the open invoice is forgiven': async (one) => stripe.invoices.markUncollectible(await openInvoice(one)),
  'a better plan, at once': changeTo(1, atOnce),
  'a better plan, later': changeTo(1, {}),
  'the first plan': changeTo(0, atOnce),
  'no cost': changeTo(2, atOnce),
  'a year': changeTo(3, {}),
  'a better plan, if it is paid': changeTo(1, { ...atOnce, payment_behavior: 'pending_if_incomplete' }),
  'a better plan or nothing': changeTo(1, { ...atOnce, payment_behavior: 'error_if_incomplete' }),
  'a better plan, confirmed later': changeTo(1, { ...atOnce, payment_behavior: 'default_incomplete' }),
  'an end is planned': ({ id }) => stripe.subscriptions.update(id, { cancel_at_period_end: true }),
  'an end is planned by date': ({ id }) => stripe.subscriptions.update(id, { cancel_at: 'min_period_end' }),
  'the end is called off': ({ id }) => stripe.subscriptions.update(id, { cancel_at: '' }),
  'a trial begins': ({ id }) =>
    stripe.subscriptions.update(id, { trial_end: sim.world.firstAccount().clock.now() + 10 * DAY }),
  'the trial ends': ({ id }) => stripe.subscriptions.update(id, { trial_end: 'now' }),
  'collection pauses': ({ id }) => stripe.subscriptions.update(id, { pause_collection: { behavior: 'void' } }),
  'collection goes on': ({ id }) => stripe.subscriptions.update(id, { pause_collection: '' }),
  pause: ({ id }) => stripe.subscriptions.pause(id),
  resume: ({ id }) => stripe.subscriptions.resume(id),
  'resume once paid': ({ id }) => stripe.subscriptions.resume(id, { payment_behavior: 'resume_on_payment_success' }),
  'a schedule': ({ id }) => stripe.subscriptionSchedules.create({ from_subscription: id }),
  cancel: ({ id }) => stripe.subscriptions.cancel(id, { prorate: true, invoice_now: true }),
};

/** What can follow what: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses */
const next: Record<string, readonly string[]> = {
  incomplete: ['active', 'incomplete_expired', 'canceled'],
  trialing: ['active', 'past_due', 'paused', 'canceled'],
  active: ['past_due', 'trialing', 'paused', 'canceled'],
  past_due: ['active', 'unpaid', 'canceled', 'trialing'],
  unpaid: ['active', 'canceled', 'trialing'],
  paused: ['active', 'canceled'],
  canceled: [],
  incomplete_expired: [],
};

const history = fc.record({
  mode: fc.constantFrom('classic' as const, 'flexible' as const),
  trial: fc.constantFrom(0, 0, 5),
  card: fc.constantFrom('pm_card_visa', 'pm_card_visa', 'pm_card_chargeCustomerFail'),
  after: fc.constantFrom('cancel', 'unpaid', 'past_due'),
  deeds: fc.array(fc.constantFrom(...Object.keys(deeds)), { minLength: 3, maxLength: 14 }),
});

/** Stripe says no, or there is nothing to do it to: then it does not happen. A mistake of the simulator is a 500. */
async function ifPossible(deed: Deed, subscribed: Subscribed): Promise<void> {
  try {
    await deed(subscribed);
  } catch (error) {
    if (error instanceof Nothing) return;
    if (error instanceof Stripe.errors.StripeError && (error.statusCode ?? 500) < 500) return;
    throw error;
  }
}

interface Told {
  type: string;
  data: { object: Stripe.Subscription; previous_attributes?: Partial<Stripe.Subscription> };
}

function toldOf(id: string): Told[] {
  const events = sim.world
    .firstAccount()
    .store.event.oldestFirst(({ type }) => type.startsWith('customer.subscription.'));
  const own = events.filter(({ data }) => 'id' in data.object && data.object.id === id);
  return own.map((event): Told => JSON.parse(JSON.stringify(event)));
}

test('what is told of a subscription is what it is, and its statuses follow each other as in Stripe', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (told) => {
      await sim.control('settings', { after_retries: told.after });
      const { id: customer } = await stripe.customers.create({ email: 'ada@example.com' });
      await useCard(stripe, customer, told.card);
      const { id } = await stripe.subscriptions.create({
        customer,
        items: [{ price: priceAt(0) }],
        billing_mode: { type: told.mode },
        ...(told.trial === 0 ? {} : { trial_period_days: told.trial }),
      });
      for (const name of told.deeds) {
        const deed = deeds[name];
        if (deed !== undefined) await ifPossible(deed, { id, customer });
        const is = await stripe.subscriptions.retrieve(id);
        const last = toldOf(id).at(-1)?.data.object;
        expect(last, name).toEqual(JSON.parse(JSON.stringify(is)));
        if (['active', 'past_due', 'trialing'].includes(is.status)) {
          const now = sim.world.firstAccount().clock.now();
          expect(itemOf(is).current_period_end, name).toBeGreaterThanOrEqual(now);
        }
      }
      for (const { data } of toldOf(id)) {
        const before = data.previous_attributes?.status;
        if (before !== undefined) expect(next[before]).toContain(data.object.status);
      }
      const invoices = await invoicesOf(sim, id);
      for (const { amount_due, amount_paid, amount_remaining, status } of invoices) {
        expect(amount_paid + amount_remaining).toBe(amount_due);
        if (status === 'paid') expect(amount_remaining).toBe(0);
      }
      await ifPossible(deeds.cancel ?? (async () => {}), { id, customer });
    }),
    propertyRun(25 * depth),
  );
});
