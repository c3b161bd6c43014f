import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';

/** What became of stored events: the only writer of outcomes and attempts. */
export interface Outcome {
  readonly outcome: 'processed' | 'ignored' | 'review';
  readonly reason: string;
  /** What it was found to be about. */
  readonly paymentIntent?: string;
  readonly subscription?: string;
}

export interface StoredEvent {
  readonly id: string;
  readonly account: string;
  readonly type: string;
  readonly livemode: boolean;
  readonly object_id: string | null;
  readonly payload: unknown;
  readonly queue: string | null;
  readonly received_at: Date;
  readonly outcome: Outcome['outcome'] | null;
  readonly reason: string | null;
}

/** What a release knows of the types of events. */
export interface KnownTypes {
  /** Those that it can bring to an end. */
  readonly all: readonly string[];
  /** Those among them of which `doneAlready` may speak. */
  readonly followers: readonly string[];
  /** SQL about an `event`, one row (outcome, reason, payment_intent, subscription) when nothing is left to do for it. */
  readonly doneAlready: string;
}

export interface TakenUp {
  readonly event: StoredEvent;
  /** Null: of an event that had its outcome, or whose type only another release knows, nothing is begun. */
  readonly attempt: number | null;
  /** Nothing was left to do: the event has its outcome now, and the attempt its end. */
  readonly isDone: boolean;
}

/**
 * Loads an event and begins an attempt at it, in one statement; where nothing is left to do, the same statement ends both. An
 * event that waits for a person is not among these: its question ends with it.
 */
export async function takeUp(db: Db, id: string, worker: string, known: KnownTypes): Promise<TakenUp | undefined> {
  const row = await firstRow<StoredEvent & { payload: string } & Pick<TakenUp, 'attempt' | 'isDone'>>(
    db,
    `WITH event AS (
       SELECT id, account, type, livemode, object_id, payload, queue, received_at, outcome, reason FROM stripe_events
       WHERE id = :id),
     done AS (
       SELECT already.* FROM event, LATERAL (${known.doneAlready}) already
       WHERE event.outcome IS NULL AND event.account = '' AND event.type = ANY (:followers) LIMIT 1),
     begun AS (
       INSERT INTO event_attempts (event_id, worker, finished_at, ended, note, stripe_calls, duration_ms)
       SELECT event.id, :worker, CASE WHEN done.outcome IS NOT NULL THEN now() END, done.outcome, done.reason,
              CASE WHEN done.outcome IS NOT NULL THEN 0 END, CASE WHEN done.outcome IS NOT NULL THEN 0 END
       FROM event LEFT JOIN done ON true
       WHERE (event.outcome IS NULL OR event.outcome = 'review') AND (account <> '' OR type = ANY (:all)) RETURNING id),
     counted AS (
       UPDATE stripe_events SET attempts = attempts + 1 WHERE id = :id AND EXISTS (SELECT FROM begun)
         AND NOT EXISTS (SELECT FROM done)),
     ended AS (
       UPDATE stripe_events
       SET attempts = attempts + 1, outcome = done.outcome, reason = done.reason, outcome_at = now(),
           payment_intent = done.payment_intent, subscription = done.subscription, last_error = NULL
       FROM done WHERE id = :id AND stripe_events.outcome IS NULL)
     SELECT event.id, account, type, livemode, object_id, payload, queue, received_at, coalesce(done.outcome, event.outcome) AS outcome,
            coalesce(done.reason, event.reason) AS reason, (SELECT id FROM begun) AS attempt,
            done.outcome IS NOT NULL AS "isDone"
     FROM event LEFT JOIN done ON true`,
    { id, worker, all: [...known.all], followers: [...known.followers] },
  );
  if (!row) return undefined;
  const { attempt, isDone, ...event } = row;
  return { event: { ...event, payload: JSON.parse(event.payload) }, attempt, isDone };
}

export interface Attempt {
  readonly id: number;
  readonly eventId: string;
  /** Requests to Stripe made so far by this attempt. */
  readonly stripeCalls: () => number;
}

export type AttemptEnd = Outcome['outcome'] | 'error' | 'busy' | 'rate_limited' | 'away';

/** The attempt ended without an outcome: it will be tried again, or a person is asked. */
export async function endAttempt(db: Db, attempt: Attempt, ended: AttemptEnd, note: string): Promise<void> {
  await rows(
    db,
    `WITH attempt AS (
       UPDATE event_attempts SET finished_at = now(), ended = :ended, note = :note,
              stripe_calls = :calls,
              duration_ms = extract(epoch FROM now() - started_at) * 1000
       WHERE id = :attempt)
     UPDATE stripe_events SET last_error = CASE WHEN :ended = 'error' THEN :note ELSE last_error END WHERE id = :event`,
    { attempt: attempt.id, event: attempt.eventId, calls: attempt.stripeCalls(), ended, note },
  );
}

/**
 * The event has its outcome; attempt and outcome are written in one statement. Only the latest attempt may say what became of
 * the event: one that had stalled ends when another has begun, and may have brought it to its end.
 * @returns whether it was for this attempt to say
 */
export async function finishEvent(db: Db | Knex.Transaction, attempt: Attempt, end: Outcome): Promise<boolean> {
  const finished = await rows(
    db,
    `WITH attempt AS (
       UPDATE event_attempts SET finished_at = now(), ended = :outcome, note = :reason,
              stripe_calls = :calls,
              duration_ms = extract(epoch FROM now() - started_at) * 1000
       WHERE id = :attempt)
     UPDATE stripe_events
     SET outcome = :outcome, reason = :reason, outcome_at = now(), payment_intent = coalesce(:payment, payment_intent),
         subscription = coalesce(:subscription, subscription),
         last_error = CASE WHEN :outcome = 'review' THEN last_error END
     WHERE id = :event AND NOT EXISTS (SELECT FROM event_attempts WHERE event_id = :event AND id > :attempt)
     RETURNING id`,
    {
      attempt: attempt.id,
      event: attempt.eventId,
      calls: attempt.stripeCalls(),
      outcome: end.outcome,
      reason: end.reason,
      payment: end.paymentIntent ?? null,
      subscription: end.subscription ?? null,
    },
  );
  return finished.length > 0;
}

/** A person has decided: the events of the payment that waited for it have their end. */
export async function concludeReviewed(trx: Knex.Transaction, paymentIntent: string, reason: string): Promise<void> {
  await rows(
    trx,
    `UPDATE stripe_events SET outcome = 'processed', reason = :reason, outcome_at = now(), last_error = NULL
     WHERE payment_intent = :payment AND outcome = 'review'`,
    { payment: paymentIntent, reason },
  );
}

/** @param about an event, or a payment: all that wait for a person because of it. */
const WAITING = `outcome = 'review' AND (id = :about OR payment_intent = :about)`;

/** Back to the workers, which the sweeper tells. @returns how many */
export async function reopenReviewed(db: Db, about: string): Promise<number> {
  const reopened = await rows(
    db,
    `UPDATE stripe_events SET outcome = NULL, reason = NULL, outcome_at = NULL, swept_at = NULL WHERE ${WAITING} RETURNING id`,
    { about },
  );
  return reopened.length;
}

/** @returns how many */
export async function endReviewed(db: Db, about: string, reason: string): Promise<number> {
  const ended = await rows(
    db,
    `UPDATE stripe_events SET outcome = 'ignored', reason = :reason, outcome_at = now() WHERE ${WAITING} RETURNING id`,
    { about, reason },
  );
  return ended.length;
}

export interface UnfinishedEvent {
  readonly id: string;
  readonly type: string;
  readonly queue: string;
}

export interface Sweep {
  readonly afterSeconds: number;
  readonly limit: number;
  /** What this release listens to: of what was left to a newer one it takes only that. */
  readonly knownTypes: readonly string[];
}

/**
 * Takes up to `limit` events without an outcome that are older than `afterSeconds`, and marks them as swept, so that
 * several sweepers share the work and a broken event does not hold up the others.
 */
export async function takeUnfinished(db: Db, { afterSeconds, limit, knownTypes }: Sweep): Promise<UnfinishedEvent[]> {
  return rows<UnfinishedEvent>(
    db,
    `UPDATE stripe_events SET swept_at = now()
     WHERE id IN (
       SELECT id FROM stripe_events
       WHERE outcome IS NULL AND queue IS NOT NULL
         AND received_at <= now() - make_interval(secs => :after)
         AND (swept_at IS NULL OR swept_at <= now() - make_interval(secs => :after))
         AND (awaits_release_since IS NULL OR type = ANY (:known))
       ORDER BY swept_at NULLS FIRST, received_at
       LIMIT :limit
       FOR UPDATE SKIP LOCKED)
     RETURNING id, type, queue`,
    { after: afterSeconds, limit, known: [...knownTypes] },
  );
}
