import { type Db, firstRow, rows } from '../platform/db.ts';
import { type GrantOfOne, grantsOfCause } from './access/grants.ts';
import { EVENT_COLUMNS, type TracedEvent, type TracedQuestion } from './payment-trace.ts';
import { casesOf, type ListedCase } from './recovery/recovery-list.ts';
import { invoicesOf } from './subscriptions/invoices.ts';
import { findPrices } from './subscriptions/prices.ts';
import type { Price, SubscriptionInvoice } from './subscriptions/subscription.ts';
import { referenceOfSubscription } from './subscriptions/subscription-list.ts';
import { findSubscription, type KeptSubscription } from './subscriptions/subscriptions.ts';

/** Reads the story of one subscription for people: the command line and the console show it. */
export interface SubscriptionTrace {
  readonly subscription: KeptSubscription;
  /** Whose it is in the application; null: nobody’s, or nobody knows. */
  readonly reference: string | null;
  /** When Stripe was asked for the last time. */
  readonly asked: Date;
  /** Latest first. */
  readonly invoices: readonly SubscriptionInvoice[];
  /** Of its items and of the lines of its invoices, by id. */
  readonly prices: ReadonlyMap<string, Price>;
  /** All that it ever gave; what it gives now first. */
  readonly grants: readonly (GrantOfOne & { readonly reference: string })[];
  /** Of its invoices whose payment failed; newest first. */
  readonly cases: readonly ListedCase[];
  /** Open ones first. */
  readonly questions: readonly TracedQuestion[];
  /** In the order in which they arrived; the latest of many. */
  readonly events: readonly TracedEvent[];
}

/** @returns undefined when nothing is known of this subscription */
export async function traceSubscription(db: Db, id: string): Promise<SubscriptionTrace | undefined> {
  const subscription = await findSubscription(db, id);
  if (!subscription) return undefined;
  const [reference, asked, invoices, grants, cases, questions, events] = await Promise.all([
    referenceOfSubscription(db, id),
    lastAsked(db, id),
    invoicesOf(db, id),
    grantsOfCause(db, `subscription:${id}`),
    casesOf(db, id),
    questionsOf(db, id),
    eventsOf(db, id),
  ]);
  const ofLines = invoices.flatMap(({ lines }) => lines.flatMap(({ price }) => price ?? []));
  const prices = await findPrices(db, [...new Set(ofLines)]);
  for (const { price } of subscription.items) prices.set(price.id, price);
  const story = { invoices, prices, grants, cases, questions, events };
  return { subscription, reference, asked: asked ?? subscription.created, ...story };
}

async function lastAsked(db: Db, id: string): Promise<Date | undefined> {
  const row = await firstRow<{ synced_from: Date }>(db, 'SELECT synced_from FROM subscriptions WHERE id = ?', [id]);
  return row?.synced_from;
}

async function questionsOf(db: Db, id: string): Promise<TracedQuestion[]> {
  return rows<TracedQuestion>(
    db,
    `SELECT id, kind, state, summary FROM review_items
     WHERE subject IN (SELECT :id UNION ALL SELECT i.id FROM subscription_invoices i WHERE i.subscription = :id)
     ORDER BY state <> 'open', id DESC LIMIT 50`,
    { id },
  );
}

/** One that fails is not known to be of it yet: it is found by the object that it speaks of. */
async function eventsOf(db: Db, id: string): Promise<TracedEvent[]> {
  const latest = await rows<TracedEvent>(
    db,
    `SELECT ${EVENT_COLUMNS} FROM stripe_events
     WHERE id IN (SELECT e.id FROM stripe_events e WHERE e.subscription = :id
                  UNION SELECT e.id FROM stripe_events e WHERE e.object_id = :id AND e.object_id LIKE 'sub\\_%')
     ORDER BY received_at DESC, id DESC LIMIT 100`,
    { id },
  );
  return latest.toReversed();
}
