import Stripe from 'stripe';
import { z } from 'zod';
import { dispute, moveDispute, refund } from '../../support/taken-back.ts';
import { LADDER, planNamed } from './catalog.ts';
import type { DeedName, Step } from './lives.ts';
import { subscribe } from './subscribe.ts';
import { approve, idOf, intentsOf, type Person, type World } from './world.ts';

/** What customers, banks and the business do at Stripe. */

/** There is nothing to do it to. */
class Nothing extends Error {}

type Deed = (world: World, subscription: Stripe.Subscription, person: Person) => Promise<unknown>;

/** @returns what was done; a mistake of the simulator is an error */
export async function doStep(
  world: World,
  person: Person,
  { deeds: wanted, which }: Step,
): Promise<DeedName | undefined> {
  const mine = await subscriptionsOf(world, person);
  const subscription = mine[which % mine.length];
  if (!subscription) return undefined;
  for (const name of wanted) if (await isDone(deeds[name], world, subscription, person)) return name;
  return undefined;
}

/** Not when there is nothing to do it to, or Stripe refuses it. What a bank refuses was done. */
async function isDone(deed: Deed, world: World, subscription: Stripe.Subscription, person: Person): Promise<boolean> {
  try {
    await deed(world, subscription, person);
    return true;
  } catch (error) {
    if (error instanceof Nothing) return false;
    if (error instanceof Stripe.errors.StripeError && (error.statusCode ?? 500) < 500) return error.statusCode === 402;
    if (error instanceof Error && / answered 4\d\d: /.test(error.message)) return false;
    throw error;
  }
}

/** Nobody renews any more. */
export async function endAll(world: World, person: Person): Promise<void> {
  for (const { id, status } of await subscriptionsOf(world, person)) {
    if (status !== 'canceled' && status !== 'incomplete_expired') await world.side.stripe.subscriptions.cancel(id);
  }
}

/** Oldest first. */
async function subscriptionsOf({ side }: World, { customer }: Person): Promise<Stripe.Subscription[]> {
  return (await side.stripe.subscriptions.list({ customer, status: 'all', limit: 100 })).data.toReversed();
}

const atOnce = { proration_behavior: 'always_invoice' } as const;

const deeds: Readonly<Record<DeedName, Deed>> = {
  'a better plan, if it is paid': upward({ ...atOnce, payment_behavior: 'pending_if_incomplete' }),
  'a better plan, paid or not': upward(atOnce),
  'a better plan, with the next invoice': upward({}),
  'a cheaper plan, credited': downward(atOnce),
  'a cheaper plan, from now on': downward({ proration_behavior: 'none' }),
  'the other interval': toOther(
    (key) => key.replace(/month|year/, (word) => (word === 'month' ? 'year' : 'month')),
    atOnce,
  ),
  'more seats': seats((count) => count + 2, { ...atOnce, payment_behavior: 'pending_if_incomplete' }),
  'fewer seats': seats((count) => Math.max(1, count - 1), {}),
  'a cheaper plan, scheduled': scheduled,
  async 'the schedule is released'({ side }, { schedule }) {
    if (schedule === null) throw new Nothing();
    return side.stripe.subscriptionSchedules.release(idOf(schedule));
  },
  'an end is planned': update({ cancel_at_period_end: true }),
  'an end is planned by date': update({ cancel_at: 'min_period_end' }),
  'the end is called off': ({ side }, { id, cancel_at: at }) =>
    side.stripe.subscriptions.update(id, at === null ? { cancel_at_period_end: false } : { cancel_at: '' }),
  cancel: ({ side }, { id }) => side.stripe.subscriptions.cancel(id),
  'collection pauses: void': update({ pause_collection: { behavior: 'void' } }),
  'collection pauses: keep_as_draft': update({ pause_collection: { behavior: 'keep_as_draft' } }),
  'collection pauses: mark_uncollectible': update({ pause_collection: { behavior: 'mark_uncollectible' } }),
  'collection goes on': update({ pause_collection: '' }),
  pause: ({ side }, { id }) => side.stripe.subscriptions.pause(id),
  resume: ({ side }, { id }) => side.stripe.subscriptions.resume(id),
  'resume once paid': ({ side }, { id }) =>
    side.stripe.subscriptions.resume(id, { payment_behavior: 'resume_on_payment_success' }),
  async 'a trial begins'({ side }, { id }) {
    const { now } = z.object({ now: z.number() }).parse(await side.control('GET', '/_sim/clock'));
    return side.stripe.subscriptions.update(id, { trial_end: now + 5 * 86_400 });
  },
  'the trial ends': update({ trial_end: 'now' }),
  'the card works': card('pm_card_visa'),
  'the card fails': card('pm_card_chargeCustomerFail'),
  'the bank asks': card('pm_card_authenticationRequired'),
  async 'there is no card'({ side }, { id }, { customer }) {
    await side.stripe.subscriptions.update(id, { default_payment_method: '' });
    return side.stripe.customers.update(customer, { invoice_settings: { default_payment_method: '' } });
  },
  'the customer authenticates': authenticate,
  'the open invoice is paid': async (world, of) => world.side.stripe.invoices.pay(await openInvoice(world, of)),
  'the open invoice is paid elsewhere': async (world, of) =>
    world.side.stripe.invoices.pay(await openInvoice(world, of), { paid_out_of_band: true }),
  'the open invoice is void': async (world, of) => world.side.stripe.invoices.voidInvoice(await openInvoice(world, of)),
  'the open invoice is forgiven': async (world, of) =>
    world.side.stripe.invoices.markUncollectible(await openInvoice(world, of)),
  'refund, in part': async (world, of) => refund(world.side, await lastPayment(world, of), { amount: 100 }),
  'refund, in full': async (world, of) => refund(world.side, await lastPayment(world, of)),
  'dispute, won': disputed('won'),
  'dispute, lost': disputed('lost'),
  async 'the checkout is paid after all'({ side }, _, { customer }) {
    const [open] = (await side.stripe.checkout.sessions.list({ customer, status: 'open' })).data;
    if (!open) throw new Nothing();
    return side.control('POST', '/_sim/checkout/pay', { session: open.id, choice: 'card' });
  },
  'a second checkout': (world, _, person) =>
    subscribe(world, person, { door: 'checkout', mode: 'flexible', items: ['pro_month'], card: 'visa', trial: 'none' }),
  async 'an old event comes again'({ side }, { id }) {
    const about = (await side.events()).filter(({ data }) => data.object.id === id);
    const [event] = about;
    if (!event) throw new Nothing();
    return side.control('POST', '/_sim/webhooks/redeliver', { event: event.id });
  },
};

function update(params: Stripe.SubscriptionUpdateParams): Deed {
  return ({ side }, { id }) => side.stripe.subscriptions.update(id, params);
}

/** To another plan; which of its items is changed is told by its id, whichever stands first. */
function toOther(other: (key: string) => string, how: Stripe.SubscriptionUpdateParams): Deed {
  return async ({ side, prices }, subscription) => {
    const item = mainItem(subscription);
    const price = prices.get(other(keyOf(item)));
    if (price === undefined) throw new Nothing();
    return side.stripe.subscriptions.update(subscription.id, { ...how, items: [{ id: item.id, price }] });
  };
}

function upward(how: Stripe.SubscriptionUpdateParams): Deed {
  return toOther((key) => along(key, 1), how);
}

function downward(how: Stripe.SubscriptionUpdateParams): Deed {
  return toOther((key) => along(key, -1), how);
}

/** The plan so many steps up the ladder; no plan beyond its ends. */
function along(key: string, steps: number): string {
  const name = planNamed(key);
  const at = LADDER.map(String).indexOf(name);
  return key.replace(name, LADDER[at + steps] ?? 'none');
}

function seats(to: (count: number) => number, how: Stripe.SubscriptionUpdateParams): Deed {
  return async ({ side }, { id, items }) => {
    const item = items.data.find((each) => planNamed(keyOf(each)) === 'seat');
    if (!item) throw new Nothing();
    const quantity = to(item.quantity ?? 1);
    return side.stripe.subscriptions.update(id, { ...how, items: [{ id: item.id, quantity }] });
  };
}

async function scheduled({ side, prices }: World, subscription: Stripe.Subscription): Promise<unknown> {
  const item = mainItem(subscription);
  const cheaper = prices.get(along(keyOf(item), -1));
  if (cheaper === undefined) throw new Nothing();
  const { stripe } = side;
  const { id, phases } = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
  const [running] = phases;
  const others = subscription.items.data
    .filter((each) => each !== item)
    .map(({ price, quantity }) => ({ price: price.id, quantity: quantity ?? 1 }));
  return stripe.subscriptionSchedules.update(id, {
    phases: [
      {
        items: [{ price: item.price.id }, ...others],
        start_date: running?.start_date ?? 0,
        end_date: item.current_period_end,
      },
      { items: [{ price: cheaper }, ...others], duration: { interval: 'month' } },
    ],
  });
}

function card(name: string): Deed {
  return async ({ side }, { id, status }, { customer }) => {
    const { id: method } = await side.stripe.paymentMethods.attach(name, { customer });
    await side.stripe.customers.update(customer, { invoice_settings: { default_payment_method: method } });
    if (status === 'canceled' || status === 'incomplete_expired') return undefined;
    // Where Stripe looks first.
    return side.stripe.subscriptions.update(id, { default_payment_method: method });
  };
}

async function authenticate(world: World, subscription: Stripe.Subscription): Promise<unknown> {
  const invoices = await invoicesOf(world, subscription);
  const open = invoices.flatMap((invoice) => (invoice.status === 'open' ? intentsOf(invoice, 'open') : []));
  for (const id of open) {
    const { status } = await world.side.stripe.paymentIntents.retrieve(id);
    if (status === 'requires_action') return approve(world, id);
  }
  throw new Nothing();
}

function disputed(end: 'won' | 'lost'): Deed {
  return async (world, subscription) => {
    const id = await dispute(world.side, await lastPayment(world, subscription));
    await moveDispute(world.side, id, 'under_review', end);
  };
}

/** The payment of the invoice that was paid last. */
async function lastPayment(world: World, subscription: Stripe.Subscription): Promise<string> {
  for (const invoice of await invoicesOf(world, subscription)) {
    const [paid] = invoice.status === 'paid' ? intentsOf(invoice, 'paid') : [];
    if (paid !== undefined) return paid;
  }
  throw new Nothing();
}

async function openInvoice(world: World, subscription: Stripe.Subscription): Promise<string> {
  const open = (await invoicesOf(world, subscription)).find(({ status }) => status === 'open');
  if (open === undefined) throw new Nothing();
  return open.id;
}

/** Latest first. */
async function invoicesOf({ side }: World, { id }: Stripe.Subscription): Promise<Stripe.Invoice[]> {
  return (await side.stripe.invoices.list({ subscription: id, limit: 100, expand: ['data.payments'] })).data;
}

function mainItem({ items }: Stripe.Subscription): Stripe.SubscriptionItem {
  const found = items.data.find((item) => LADDER.some((name) => name === planNamed(keyOf(item))));
  if (!found) throw new Nothing();
  return found;
}

const keyOf = ({ price }: Stripe.SubscriptionItem): string => price.lookup_key ?? '';
