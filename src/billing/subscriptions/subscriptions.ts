import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import { findPrices } from './prices.ts';
import type { Item, Subscription } from './subscription.ts';

/** The tables `subscriptions` and `subscription_items`: mirrors, written whole from one answer of Stripe. */
interface SubscriptionRow {
  readonly id: string;
  readonly customer: string;
  readonly livemode: boolean;
  readonly status: Subscription['status'];
  readonly collection_method: Subscription['collectionMethod'];
  readonly billing_mode: string;
  readonly currency: string;
  readonly cancel_at_period_end: boolean;
  readonly cancel_at: Date | null;
  readonly canceled_at: Date | null;
  readonly ended_at: Date | null;
  readonly cancellation_reason: string | null;
  readonly trial_start: Date | null;
  readonly trial_end: Date | null;
  readonly after_trial: Subscription['afterTrial'];
  readonly pause_collection: string | null;
  readonly pause_resumes_at: Date | null;
  readonly pending_update_until: Date | null;
  readonly schedule: string | null;
  readonly default_payment_method: string | null;
  readonly latest_invoice: string | null;
  readonly test_clock: string | null;
  readonly metadata: Subscription['metadata'];
  readonly email: string | null;
  readonly created: Date;
  readonly said_reference: string | null;
  readonly session: string | null;
}

/** What is kept of a subscription besides what Stripe says of itself. */
export interface KeptSubscription extends Subscription {
  /** `client_reference_id` of the session in which it began. */
  readonly saidReference: string | null;
  /** cs_… */
  readonly session: string | null;
}

export interface Began {
  readonly session: string;
  readonly saidReference: string | null;
  /** Of the session. */
  readonly metadata: Readonly<Record<string, string>>;
}

export async function isKnown(db: Db, id: string): Promise<boolean> {
  return (await firstRow(db, 'SELECT FROM subscriptions WHERE id = ?', [id])) !== undefined;
}

/**
 * Before anything of it is written: whoever writes one of its invoices first would wait for who writes the subscription first, and
 * that one for him. Not against references to it (`NO KEY`), which others take on with each new invoice.
 */
export async function lockSubscription(trx: Knex.Transaction, id: string): Promise<void> {
  await rows(trx, 'SELECT FROM subscriptions WHERE id = ? FOR NO KEY UPDATE', [id]);
}

/** Whether it is known in which session it began. */
export async function isSessionKnown(db: Db, id: string): Promise<boolean> {
  return (await firstRow(db, 'SELECT FROM subscriptions WHERE id = ? AND session IS NOT NULL', [id])) !== undefined;
}

/**
 * Writes what Stripe says; the prices of its items are written before. Locks the row.
 * @param from when Stripe was asked, by Postgres's clock: who asked later knows more, and is not overwritten
 * @returns false when somebody knows more
 */
export async function writeSubscription(
  trx: Knex.Transaction,
  subscription: Subscription,
  from: Date,
  began?: Began,
): Promise<boolean> {
  const { items, metadata, ...plain } = subscription;
  const written = await firstRow(
    trx,
    `INSERT INTO subscriptions (
       id, customer, livemode, status, collection_method, billing_mode, currency, cancel_at_period_end, cancel_at, canceled_at,
       ended_at, trial_start, trial_end, after_trial, pause_collection, pause_resumes_at, pending_update_until, schedule,
       default_payment_method, latest_invoice, test_clock, metadata, session_metadata, email, created, session,
       said_reference, synced_from, cancellation_reason)
     VALUES (
       :id, :customer, :livemode, :status, :collectionMethod, :billingMode, :currency, :cancelAtPeriodEnd,
       :cancelAt, :canceledAt, :endedAt, :trialStart, :trialEnd, :afterTrial, :pauseCollection, :pauseResumesAt,
       :pendingUpdateUntil, :schedule, :paymentMethod, :latestInvoice, :testClock,
       :sessionMetadata::jsonb || :metadata::jsonb, :sessionMetadata::jsonb, :email, :created, :session, :saidReference, :from, :cancellationReason)
     ON CONFLICT ON CONSTRAINT subscriptions_once DO UPDATE SET
       customer = excluded.customer, status = excluded.status, collection_method = excluded.collection_method,
       billing_mode = excluded.billing_mode, currency = excluded.currency,
       cancel_at_period_end = excluded.cancel_at_period_end, cancel_at = excluded.cancel_at,
       canceled_at = excluded.canceled_at, ended_at = excluded.ended_at, trial_start = excluded.trial_start,
       trial_end = excluded.trial_end, after_trial = excluded.after_trial, pause_collection = excluded.pause_collection,
       pause_resumes_at = excluded.pause_resumes_at, pending_update_until = excluded.pending_update_until,
       schedule = excluded.schedule, default_payment_method = excluded.default_payment_method,
       latest_invoice = excluded.latest_invoice, metadata = subscriptions.session_metadata || excluded.metadata,
       session_metadata = subscriptions.session_metadata || excluded.session_metadata,
       email = excluded.email, session = coalesce(excluded.session, subscriptions.session),
       said_reference = coalesce(excluded.said_reference, subscriptions.said_reference), synced_from = excluded.synced_from,
       cancellation_reason = excluded.cancellation_reason
     WHERE subscriptions.synced_from <= excluded.synced_from
     RETURNING id`,
    {
      ...plain,
      metadata: JSON.stringify(metadata),
      sessionMetadata: JSON.stringify(began?.metadata ?? {}),
      session: began?.session ?? null,
      saidReference: began?.saidReference ?? null,
      from,
    },
  );
  if (!written) return false;
  await writeItems(trx, subscription.id, items);
  return true;
}

async function writeItems(trx: Knex.Transaction, subscription: string, items: readonly Item[]): Promise<void> {
  await rows(trx, 'DELETE FROM subscription_items WHERE subscription = :subscription AND id <> ALL(:ids)', {
    subscription,
    ids: items.map(({ id }) => id),
  });
  for (const { id, price, quantity, periodStart, periodEnd } of items) {
    await rows(
      trx,
      `INSERT INTO subscription_items (id, subscription, price, quantity, period_start, period_end)
       VALUES (:id, :subscription, :price, :quantity, :periodStart, :periodEnd)
       ON CONFLICT ON CONSTRAINT subscription_items_once DO UPDATE SET
         price = excluded.price, quantity = excluded.quantity, period_start = excluded.period_start,
         period_end = excluded.period_end`,
      { id, subscription, price: price.id, quantity, periodStart, periodEnd },
    );
  }
}

/** @param lock whoever decides by it does so one after the other */
export async function findSubscription(
  db: Db | Knex.Transaction,
  id: string,
  lock = false,
): Promise<KeptSubscription | undefined> {
  const row = lock
    ? await firstRow<SubscriptionRow>(db, `SELECT ${COLUMNS} FROM subscriptions WHERE id = ? FOR NO KEY UPDATE`, [id])
    : await firstRow<SubscriptionRow>(db, `SELECT ${COLUMNS} FROM subscriptions WHERE id = ?`, [id]);
  return row && subscriptionOfRow(row, await itemsOf(db, id));
}

/** Those of them that are known, in no order. */
export async function findSubscriptions(db: Db, ids: readonly string[]): Promise<KeptSubscription[]> {
  const found = await rows<SubscriptionRow>(db, `SELECT ${COLUMNS} FROM subscriptions WHERE id = ANY(?)`, [[...ids]]);
  const items = await itemsOfAll(db, ids);
  return found.map((row) => subscriptionOfRow(row, items.get(row.id) ?? []));
}

const COLUMNS = `id, customer, livemode, status, collection_method, billing_mode, currency, cancel_at_period_end, cancel_at,
  canceled_at, ended_at, cancellation_reason, trial_start, trial_end, after_trial, pause_collection, pause_resumes_at, pending_update_until,
  schedule, default_payment_method, latest_invoice, test_clock, metadata, email, created, said_reference, session`;

async function itemsOf(db: Db | Knex.Transaction, subscription: string): Promise<Item[]> {
  return (await itemsOfAll(db, [subscription])).get(subscription) ?? [];
}

/** By the subscription, of those that have some. */
export async function itemsOfAll(
  db: Db | Knex.Transaction,
  subscriptions: readonly string[],
): Promise<Map<string, Item[]>> {
  const found = await rows<{
    id: string;
    subscription: string;
    price: string;
    quantity: number | null;
    period_start: Date;
    period_end: Date;
  }>(
    db,
    `SELECT id, subscription, price, quantity, period_start, period_end FROM subscription_items
     WHERE subscription = ANY(?) ORDER BY id`,
    [[...subscriptions]],
  );
  const prices = await findPrices(db, [...new Set(found.map(({ price }) => price))]);
  const items = found.flatMap(({ id, subscription, price: at, quantity, period_start, period_end }) => {
    const price = prices.get(at);
    if (!price) return [];
    return [{ subscription, item: { id, price, quantity, periodStart: period_start, periodEnd: period_end } }];
  });
  const ofEach = Map.groupBy(items, ({ subscription }) => subscription);
  return new Map([...ofEach].map(([subscription, each]) => [subscription, each.map(({ item }) => item)]));
}

function subscriptionOfRow(row: SubscriptionRow, items: readonly Item[]): KeptSubscription {
  return {
    id: row.id,
    customer: row.customer,
    livemode: row.livemode,
    status: row.status,
    collectionMethod: row.collection_method,
    billingMode: row.billing_mode,
    currency: row.currency,
    cancelAtPeriodEnd: row.cancel_at_period_end,
    cancelAt: row.cancel_at,
    canceledAt: row.canceled_at,
    endedAt: row.ended_at,
    cancellationReason: row.cancellation_reason,
    trialStart: row.trial_start,
    trialEnd: row.trial_end,
    afterTrial: row.after_trial,
    pauseCollection: row.pause_collection,
    pauseResumesAt: row.pause_resumes_at,
    pendingUpdateUntil: row.pending_update_until,
    schedule: row.schedule,
    paymentMethod: row.default_payment_method,
    latestInvoice: row.latest_invoice,
    testClock: row.test_clock,
    metadata: row.metadata,
    email: row.email,
    created: row.created,
    saidReference: row.said_reference,
    session: row.session,
    items,
  };
}

/** By which access policy it was decided. */
export async function noteAgreedBy(trx: Knex.Transaction, id: string, policy: string): Promise<void> {
  await rows(
    trx,
    'UPDATE subscriptions SET agreed_by = :policy WHERE id = :id AND agreed_by IS DISTINCT FROM :policy',
    { id, policy },
  );
}

/** Some that were decided by another policy, and are not waiting to be decided again. */
export async function subscriptionsOfOtherPolicy(db: Db, policy: string, limit: number): Promise<string[]> {
  const found = await rows<{ id: string }>(
    db,
    `SELECT id FROM subscriptions
     WHERE (agreed_by < :policy OR agreed_by > :policy OR agreed_by IS NULL)
       AND NOT EXISTS (SELECT FROM agreement_marks
                       WHERE dependent = 'access' AND record = 'subscription' AND subject = subscriptions.id)
     LIMIT :limit`,
    { policy, limit },
  );
  return found.map(({ id }) => id);
}

/** Of this customer, and nobody's so far. */
export async function ownerlessSubscriptions(trx: Knex.Transaction, customer: string): Promise<string[]> {
  const found = await rows<{ id: string }>(
    trx,
    `SELECT id FROM subscriptions
     WHERE customer = ? AND NOT EXISTS (SELECT FROM access_grants WHERE cause = 'subscription:' || subscriptions.id)`,
    [customer],
  );
  return found.map(({ id }) => id);
}

/** Those of a customer that go on, or may. */
export async function subscriptionsOf(db: Db, customer: string): Promise<string[]> {
  const found = await rows<{ id: string }>(
    db,
    `SELECT id FROM subscriptions WHERE customer = ? AND status NOT IN ('canceled', 'incomplete_expired') ORDER BY id`,
    [customer],
  );
  return found.map(({ id }) => id);
}

/** In the order of their ids, those that have ended among them. */
export async function subscriptionsOnClock(trx: Db | Knex.Transaction, testClock: string): Promise<string[]> {
  const found = await rows<{ id: string }>(trx, 'SELECT id FROM subscriptions WHERE test_clock = ? ORDER BY id', [
    testClock,
  ]);
  return found.map(({ id }) => id);
}

/** They went with their test clock: Stripe has them no more, and cannot tell how they stand. @returns those that had not ended */
export async function endWithClock(trx: Knex.Transaction, ids: readonly string[], from: Date): Promise<string[]> {
  const ended = await rows<{ id: string }>(
    trx,
    `UPDATE subscriptions SET status = 'canceled', synced_from = :from,
            ended_at = coalesce(ended_at, (SELECT frozen_time FROM test_clocks WHERE test_clocks.id = test_clock), now())
     WHERE id = ANY(:ids) AND synced_from <= :from AND status NOT IN ('canceled', 'incomplete_expired')
     RETURNING id`,
    { ids: [...ids], from },
  );
  return ended.map(({ id }) => id).sort();
}

/** By the clock by which answers are compared. */
export async function nowAt(db: Db | Knex.Transaction): Promise<Date> {
  const row = await firstRow<{ now: Date }>(db, 'SELECT clock_timestamp() AS now');
  return row?.now ?? new Date(0);
}
