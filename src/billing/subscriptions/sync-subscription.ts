import type { Knex } from 'knex';
import type Stripe from 'stripe';
import { isMissing } from '../../stripe/errors.ts';
import type { FailedPayment } from '../../stripe/failed-payments.ts';
import type { Outcome } from '../../stripe/inbox/events.ts';
import {
  type FetchedInvoice,
  type FetchedSubscription,
  fetchInvoice,
  fetchInvoicesOf,
  fetchSessionOf,
  fetchSubscription,
} from '../../stripe/subscriptions.ts';
import type { EventDeps } from '../deps/deps.ts';
import { type Asking, askingAlone } from './asking.ts';
import { invoiceOf, priceOf, productsOf, subscriptionOf } from './from-stripe.ts';
import { writeInvoice } from './invoices.ts';
import { writeFailures } from './payment-attempts.ts';
import { findPrices, writeCatalog, writePrice } from './prices.ts';
import type { SubscriptionInvoice } from './subscription.ts';
import { type Began, isKnown, isSessionKnown, lockSubscription, writeSubscription } from './subscriptions.ts';
import { testClockOf, triedAt } from './test-clock.ts';
import { learnTestClock } from './test-clocks.ts';

/** What an event of a subscription speaks of. */
export interface SubscriptionRef {
  /** sub_… */
  readonly subscription: string;
}

export interface InvoiceRef {
  /** in_… */
  readonly invoice: string;
}

/**
 * Brings a subscription, its items and its latest invoice into agreement with what Stripe says now; what is derived from them
 * follows in the same transaction. Called by every event of it, by the page that Checkout leads back to, by replay and
 * backfill alike. An event that was here before Stripe was asked for the last time costs no request: what it tells is in
 * that answer.
 */
export async function syncSubscription({ subscription: id }: SubscriptionRef, deps: EventDeps): Promise<Outcome> {
  return sync(id, deps, false);
}

/**
 * The same when the session in which it begins is complete. The subscription is there before, incomplete while the customer's
 * bank asks or his card is declined; whoever asked for it then could not learn of the session whose it is.
 */
export async function syncBegun({ subscription: id }: SubscriptionRef, deps: EventDeps): Promise<Outcome> {
  return sync(id, deps, !(await isSessionKnown(deps.db, id)));
}

async function sync(id: string, deps: EventDeps, isSessionNews: boolean): Promise<Outcome> {
  return askingAlone(deps.db, {
    table: 'subscriptions',
    id,
    receivedAt: isSessionNews ? undefined : deps.receivedAt,
    since: (asking) => since(id, asking),
    ask: (asking) => askForSubscription(id, asking, deps, isSessionNews),
  });
}

async function askForSubscription(
  id: string,
  { from, syncedFrom }: Asking,
  deps: EventDeps,
  isSessionNews: boolean,
): Promise<Outcome> {
  const isNew = syncedFrom === null;
  const fetched = await missingIsGone(() => fetchSubscription(deps.stripe, id, deps));
  if (!fetched) return { outcome: 'ignored', reason: `${id} is not at Stripe any more` };
  const began = await beginningOf(fetched, isNew || isSessionNews, deps);
  const invoices = await invoicesToKnow(fetched, isNew, deps);
  const end: Outcome = {
    outcome: 'processed',
    reason: `the subscription is ${fetched.subscription.status}`,
    subscription: id,
  };
  const subscription = subscriptionOf(fetched);
  await writeCatalog(deps.db, productsOf(fetched), subscription.items, from);
  await learnPrices(invoices, deps, from);
  await deps.db.transaction(async (trx) => {
    const frozenTime = await timeTold(trx, fetched, from, deps);
    const news = [await writeSubscription(trx, subscription, from, began)];
    for (const each of invoices) news.push(await writeTold(trx, each, from, frozenTime));
    if (news.includes(true)) await deps.changed(trx, { record: 'subscription', id });
    await deps.finish?.(trx, end);
  });
  return end;
}

/** The same of one invoice of a subscription. An invoice of none is nobody's business here. */
export async function refreshInvoice({ invoice: id }: InvoiceRef, deps: EventDeps): Promise<Outcome> {
  return askingAlone(deps.db, {
    table: 'subscription_invoices',
    id,
    receivedAt: deps.receivedAt,
    since: (asking) => since(id, asking),
    ask: ({ from }) => askForInvoice(id, from, deps),
  });
}

async function askForInvoice(id: string, from: Date, deps: EventDeps): Promise<Outcome> {
  const fetched = await missingIsGone(() => fetchInvoice(deps.stripe, id, deps));
  if (!fetched) return { outcome: 'ignored', reason: `${id} is not at Stripe any more` };
  const told = toldOf(fetched);
  if (!told) return { outcome: 'ignored', reason: 'the invoice is of no subscription' };
  const { invoice } = told;
  const { subscription } = invoice;
  if (!(await isKnown(deps.db, subscription))) await syncSubscription({ subscription }, withoutEnd(deps));
  const end: Outcome = {
    outcome: 'processed',
    reason: `invoice ${invoice.number ?? id} is ${invoice.status}`,
    subscription,
  };
  await learnPrices([told], deps, from);
  await deps.db.transaction(async (trx) => {
    const frozenTime = await timeTold(trx, fetched, from, deps);
    await lockSubscription(trx, subscription);
    if (await writeTold(trx, told, from, frozenTime)) {
      await deps.changed(trx, { record: 'subscription', id: subscription });
    }
    await deps.finish?.(trx, end);
  });
  return end;
}

/** What Stripe says of an invoice, and of the tries to collect it that failed. */
interface ToldInvoice {
  readonly invoice: SubscriptionInvoice;
  readonly failures: readonly FailedPayment[];
}

function toldOf(fetched: FetchedInvoice): ToldInvoice | undefined {
  const invoice = invoiceOf(fetched);
  return invoice && { invoice, failures: fetched.failures };
}

/** @returns false when somebody knows more */
async function writeTold(
  trx: Knex.Transaction,
  { invoice, failures }: ToldInvoice,
  from: Date,
  frozenTime: Date | null,
): Promise<boolean> {
  const isNews = await writeInvoice(trx, invoice, from);
  const invoiced = invoice.finalizedAt ?? invoice.created;
  const timed = failures.map((each) => ({
    ...each,
    at: frozenTime === null ? (each.at ?? from) : triedAt(each.at, { invoiced, frozenTime }),
  }));
  await writeFailures(trx, invoice.id, timed);
  return isNews;
}

/** @returns what time it is there; null: no test clock stops it */
async function timeTold(
  trx: Knex.Transaction,
  { testClock: told }: Pick<FetchedSubscription, 'testClock'>,
  from: Date,
  { changed }: EventDeps,
): Promise<Date | null> {
  if (told === null) return null;
  const clock = testClockOf(told);
  if (await learnTestClock(trx, clock, from)) await changed(trx, { record: 'test_clock', id: clock.id });
  return clock.frozenTime;
}

/** One step of several: the event ends with the last. */
function withoutEnd({ finish: _, receivedAt: __, ...deps }: EventDeps): EventDeps {
  return deps;
}

function since(id: string, { subscription }: Asking): Outcome {
  const reason = `Stripe was asked about ${id} since it arrived`;
  return { outcome: 'processed', reason, ...(subscription === null ? {} : { subscription }) };
}

async function missingIsGone<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** One that was made elsewhere, or begins without Checkout, has no session: not every look asks for that. */
async function beginningOf(
  { subscription }: FetchedSubscription,
  isAskedFor: boolean,
  { stripe }: EventDeps,
): Promise<Began | undefined> {
  if (!isAskedFor) return undefined;
  const session = await fetchSessionOf(stripe, subscription.id);
  return session
    ? { session: session.id, saidReference: session.client_reference_id, metadata: session.metadata ?? {} }
    : undefined;
}

/** Of a new one only its latest invoice; those of one that was there before us are asked for once. */
async function invoicesToKnow(
  { subscription, latestInvoice }: FetchedSubscription,
  isNew: boolean,
  { stripe }: EventDeps,
): Promise<ToldInvoice[]> {
  const isOlder = isNew && latestInvoice && latestInvoice.invoice.billing_reason !== 'subscription_create';
  const fetched = isOlder ? await fetchInvoicesOf(stripe, subscription.id) : latestInvoice ? [latestInvoice] : [];
  return fetched.flatMap((each) => toldOf(each) ?? []);
}

/** Lines name prices by id alone: one that an item had before may be unknown here. */
async function learnPrices(invoices: readonly ToldInvoice[], { db, stripe }: EventDeps, from: Date): Promise<void> {
  const named = new Set(invoices.flatMap(({ invoice }) => invoice.lines.flatMap(({ price }) => price ?? [])));
  const known = await findPrices(db, [...named]);
  for (const id of named) {
    if (known.has(id)) continue;
    const price: Stripe.Price | undefined = await missingIsGone(() => stripe.prices.retrieve(id));
    if (price) await writePrice(db, priceOf(price), from);
  }
}
