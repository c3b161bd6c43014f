import { createHash, randomBytes } from 'node:crypto';
import type Stripe from 'stripe';
import { after } from '../../platform/clock.ts';
import { bug, Refused } from '../../platform/errors.ts';
import { takingTurns } from '../../platform/turn.ts';
import { whenFree } from '../../platform/when-free.ts';
import { isRefusal } from '../../stripe/errors.ts';
import { OUR_REFERENCE } from '../access/reference.ts';
import { isLive } from '../access/subscription-access.ts';
import type { Deps } from '../deps/deps.ts';
import { findSubscription } from '../subscriptions/subscriptions.ts';
import { syncSubscription } from '../subscriptions/sync-subscription.ts';
import { timeOn } from '../subscriptions/test-clocks.ts';
import { type CheckoutRow, closeCheckout, insertCheckout, noteOpened, openCheckoutOf } from './checkouts.ts';
import { customerOf, nameCustomer } from './customer-of.ts';
import { hadTrial, liveOfProduct } from './reference-subscriptions.ts';
import { type Sold, soldBy, type Wanted } from './sold.ts';

/** A page at Stripe on which somebody of the application pays. */
export interface OpenedCheckout {
  readonly session: string;
  readonly url: string;
}

/** So long somebody may come back to another tab. */
const JUST_SECONDS = 3_600;

/**
 * Opens the page, or leads to the one that is open. One subscription of a product at a time for each reference, whichever
 * tabs and retries there are: what is open for something else is closed first, and what was just paid is told.
 * @param actor e.g. `key:shop`
 * @throws Refused that says what to do instead; InvalidInput for a plan, price or product that is none
 */
export async function sell(wanted: Wanted, actor: string, deps: Deps): Promise<OpenedCheckout> {
  const { reference } = wanted;
  const sold = await soldBy(wanted, deps);
  const slot = sold.mode === 'subscription' ? 'subscription' : sold.product;
  const subject = `checkout:${createHash('sha256').update(reference).digest('hex').slice(0, 32)}:${slot}`;
  return whenFree(() =>
    takingTurns(deps.db, subject, 'this checkout', () => sellAlone(wanted, sold, slot, actor, deps)),
  );
}

async function sellAlone(wanted: Wanted, sold: Sold, slot: string, actor: string, deps: Deps): Promise<OpenedCheckout> {
  const { db } = deps;
  const hash = createHash('sha256')
    .update(JSON.stringify([sold, wanted]))
    .digest('hex')
    .slice(0, 16);
  const before = await openCheckoutOf(db, wanted.reference, slot);
  if (before) {
    const still = await stillOpen(before, hash, deps);
    if (still) return still;
  }
  if (wanted.customer !== undefined) await nameCustomer(wanted.customer, wanted.reference, deps);
  await refuseSecond(wanted, sold, deps);
  const checkout = {
    id: `co_${randomBytes(10).toString('hex')}`,
    reference: wanted.reference,
    slot,
    wanted: hash,
    params: await paramsOf(wanted, sold, deps),
    by: actor,
  };
  await insertCheckout(db, checkout);
  return opened(checkout, deps);
}

async function opened(
  { id, params }: Pick<CheckoutRow, 'id' | 'params'>,
  { db, stripe }: Deps,
): Promise<OpenedCheckout> {
  try {
    const session = await stripe.checkout.sessions.create(params, { idempotencyKey: `checkout:${id}` });
    const page = { session: session.id, url: session.url ?? bug(`session ${session.id} has no page`) };
    await noteOpened(db, id, page);
    return page;
  } catch (error) {
    if (isRefusal(error)) await closeCheckout(db, id, 'refused');
    throw error;
  }
}

/** @returns the page, when it is open for the same; what is open for something else is closed */
async function stillOpen(before: CheckoutRow, wanted: string, deps: Deps): Promise<OpenedCheckout | undefined> {
  const { db, stripe } = deps;
  const { id, session } = before.session === null ? { ...before, ...(await opened(before, deps)) } : before;
  if (session === null) return bug(`checkout ${id} is open without a session`);
  const live = await stripe.checkout.sessions.retrieve(session);
  if (live.status === 'open' && before.wanted === wanted && live.url) return { session, url: live.url };
  const ended = live.status === 'open' ? await expire(session, deps) : live;
  await closeCheckout(db, id, ended.status === 'complete' ? 'complete' : 'expired');
  if (ended.status === 'complete') await justPaid(ended, deps);
  return undefined;
}

/** Paid in the same moment, it can't be closed any more. */
async function expire(session: string, { stripe }: Deps): Promise<Stripe.Checkout.Session> {
  try {
    return await stripe.checkout.sessions.expire(session);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return stripe.checkout.sessions.retrieve(session);
  }
}

async function justPaid({ id, mode, subscription }: Stripe.Checkout.Session, deps: Deps): Promise<void> {
  const sub = typeof subscription === 'string' ? subscription : subscription?.id;
  if (mode !== 'subscription' || !sub) return;
  await syncSubscription({ subscription: sub }, deps);
  if (!(await hasJustBegun(sub, deps))) return;
  throw new Refused(`Checkout ${id} was completed a moment ago: subscription ${sub} has begun. ${insteadOf(sub)}`);
}

/** One that was paid long ago is no surprise to anybody: whether it stands in the way is asked next. */
async function hasJustBegun(id: string, { db }: Deps): Promise<boolean> {
  const subscription = await findSubscription(db, id);
  if (!subscription || !isLive(subscription)) return false;
  return subscription.created > after(await timeOn(db, subscription.testClock), -JUST_SECONDS);
}

/** The guard counts every subscription that goes on, or may. */
async function refuseSecond({ reference }: Wanted, sold: Sold, { db }: Deps): Promise<void> {
  if (sold.mode !== 'subscription') return;
  const live = await liveOfProduct(db, reference, sold.product);
  if (!live) return;
  throw new Refused(
    `There is subscription ${live.id} of this product already, and it is ${live.status}. ${insteadOf(live.id)}`,
  );
}

function insteadOf(subscription: string): string {
  const of = `POST /v1/subscriptions/${subscription}`;
  return `Change it: ${of}/changes. Or let the customer do it on Stripe’s page: ${of}/portal.`;
}

async function paramsOf(wanted: Wanted, sold: Sold, deps: Deps): Promise<Stripe.Checkout.SessionCreateParams> {
  const { reference, customer, email, success_url, cancel_url, quantity } = wanted;
  const metadata = { [OUR_REFERENCE]: reference };
  const common = {
    customer: customer ?? (await customerOf(reference, email, deps)),
    client_reference_id: reference,
    line_items: [{ price: sold.price, quantity }],
    success_url,
    ...(cancel_url ? { cancel_url } : {}),
    metadata,
  };
  if (sold.mode === 'payment') return { ...common, mode: 'payment', payment_intent_data: { metadata } };
  const trial = sold.trialDays !== undefined && !(await hadTrial(deps.db, reference)) ? sold.trialDays : undefined;
  return {
    ...common,
    mode: 'subscription',
    subscription_data: { metadata, ...(trial === undefined ? {} : { trial_period_days: trial }) },
  };
}
