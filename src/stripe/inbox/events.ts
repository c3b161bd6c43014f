import { type Db, firstRow, rows } from '../../platform/db.ts';

/** What became of stored events: the only writer of outcomes and attempts. */
export type Outcome =
  | { readonly outcome: 'processed'; readonly reason: string; readonly paymentIntent?: string }
  | { readonly outcome: 'ignored'; readonly reason: string; readonly paymentIntent?: string }
  | { readonly outcome: 'review'; readonly reason: string; readonly paymentIntent?: string };

export interface StoredEvent {
  readonly id: string;
  readonly account: string;
  readonly type: string;
  readonly livemode: boolean;
  readonly object_id: string | null;
  readonly payload: unknown;
  readonly queue: string | null;
  readonly outcome: Outcome['outcome'] | null;
  readonly reason: string | null;
}

export async function loadEvent(db: Db, id: string): Promise<StoredEvent | undefined> {
  const event = await firstRow<StoredEvent & { payload: string }>(
    db,
    'SELECT id, account, type, livemode, object_id, payload, queue, outcome, reason FROM stripe_events WHERE id = ?',
    [id],
  );
  return event && { ...event, payload: JSON.parse(event.payload) };
}

export interface Attempt {
  readonly id: number;
  readonly eventId: string;
  /** Requests to Stripe made so far by this attempt. */
  readonly stripeCalls: () => number;
}

export async function beginAttempt(
  db: Db,
  eventId: string,
  worker: string,
  stripeCalls: () => number,
): Promise<Attempt> {
  const row = await firstRow<{ id: number }>(
    db,
    `WITH counted AS (UPDATE stripe_events SET attempts = attempts + 1 WHERE id = :event)
     INSERT INTO event_attempts (event_id, worker) VALUES (:event, :worker) RETURNING id`,
    { event: eventId, worker },
  );
  if (!row) throw new Error(`Bug: no attempt was written for ${eventId}`);
  return { id: row.id, eventId, stripeCalls };
}

export type AttemptEnd = Outcome['outcome'] | 'error' | 'busy' | 'rate_limited';

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

/** The event has its outcome; attempt and outcome are written in one statement. */
export async function finishEvent(db: Db, attempt: Attempt, end: Outcome): Promise<void> {
  await rows(
    db,
    `WITH attempt AS (
       UPDATE event_attempts SET finished_at = now(), ended = :outcome, note = :reason,
              stripe_calls = :calls,
              duration_ms = extract(epoch FROM now() - started_at) * 1000
       WHERE id = :attempt)
     UPDATE stripe_events
     SET outcome = :outcome, reason = :reason, outcome_at = now(), payment_intent = coalesce(:payment, payment_intent),
         last_error = CASE WHEN :outcome = 'review' THEN last_error END
     WHERE id = :event`,
    {
      attempt: attempt.id,
      event: attempt.eventId,
      calls: attempt.stripeCalls(),
      outcome: end.outcome,
      reason: end.reason,
      payment: end.paymentIntent ?? null,
    },
  );
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
