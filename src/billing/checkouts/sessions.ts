import type { Knex } from 'knex';
import { type Db, rows } from '../../platform/db.ts';
import { FULFILLED_WITHIN_SECONDS, type SessionFacts, type SessionOutcome } from './session-outcome.ts';
import type { ToldSession } from './told-session.ts';

/** The table `checkout_sessions`: every session in which something is sold, whoever has opened it, with what became of it. */

/**
 * Pages that we have opened ourselves, of the last day: they are known before Stripe's list is walked through. What the rows of the
 * pages say of their end is taken over; the list tells the rest.
 * @returns how many are new
 */
export async function enrolOwn(db: Db): Promise<number> {
  const enrolled = await rows(
    db,
    `INSERT INTO checkout_sessions (id, mode, status, payment_status, customer, created, expires_at, ended_at)
     SELECT own.session, own.mode, own.status, 'unpaid', own.customer, own.created, own.expires_at,
            CASE WHEN own.status <> 'open' THEN now() END
     FROM (
       SELECT session, CASE slot WHEN 'subscription' THEN 'subscription' ELSE 'payment' END AS mode,
              CASE state WHEN 'complete' THEN 'complete' WHEN 'expired' THEN 'expired' ELSE 'open' END AS status,
              params->>'customer' AS customer, created_at AS created, created_at + interval '24 hours' AS expires_at
       FROM checkouts WHERE session IS NOT NULL AND created_at > now() - interval '1 day'
       UNION ALL
       SELECT stripe_session, 'payment',
              CASE state WHEN 'paid' THEN 'complete' WHEN 'processing' THEN 'complete' WHEN 'expired' THEN 'expired' ELSE 'open' END,
              NULL, created_at, expires_at
       FROM checkout_attempts WHERE stripe_session IS NOT NULL AND created_at > now() - interval '1 day') own
     WHERE own.created >= (SELECT counted_from FROM checkout_walk)
       AND NOT EXISTS (SELECT FROM checkout_sessions known WHERE known.id = own.session)
     ON CONFLICT ON CONSTRAINT checkout_sessions_once DO NOTHING
     RETURNING id`,
  );
  return enrolled.length;
}

/**
 * Writes what Stripe says now. An end stays an end, and money that came stays, whatever an answer says that was asked for before.
 * @param from when Stripe was asked
 */
export async function writeTold(db: Db, told: readonly ToldSession[], from: Date): Promise<void> {
  await rows(
    db,
    `INSERT INTO checkout_sessions AS known (id, mode, status, payment_status, payment, failure_code, payment_intent, subscription,
                                             customer, created, expires_at, ended_at, told_at)
     SELECT id, mode, status, payment_status, payment, failure_code, payment_intent, subscription, customer, created, expires_at,
            CASE WHEN status <> 'open' THEN cast(:from AS timestamptz) END, cast(:from AS timestamptz)
     FROM jsonb_to_recordset(cast(:told AS jsonb)) AS told (id text, mode text, status text, payment_status text, payment text,
       failure_code text, payment_intent text, subscription text, customer text, created timestamptz, expires_at timestamptz)
     ON CONFLICT ON CONSTRAINT checkout_sessions_once DO UPDATE SET
       status = CASE known.status WHEN 'open' THEN excluded.status ELSE known.status END,
       payment_status = CASE known.payment_status WHEN 'unpaid' THEN excluded.payment_status ELSE known.payment_status END,
       payment = CASE WHEN known.payment = 'succeeded' OR excluded.payment = 'none' THEN known.payment ELSE excluded.payment END,
       failure_code = coalesce(excluded.failure_code, known.failure_code),
       payment_intent = coalesce(excluded.payment_intent, known.payment_intent),
       subscription = coalesce(excluded.subscription, known.subscription),
       customer = coalesce(excluded.customer, known.customer),
       created = excluded.created, expires_at = excluded.expires_at,
       ended_at = coalesce(known.ended_at, excluded.ended_at), told_at = excluded.told_at,
       look_at = CASE WHEN known.outcome = 'pending' OR (known.status, known.payment_status, known.payment)
                          IS DISTINCT FROM (excluded.status, excluded.payment_status, excluded.payment)
                      THEN now() ELSE known.look_at END`,
    { from, told: JSON.stringify(told) },
  );
}

/** An event tells how it has ended; of one that is not known here, or was over before, nothing is new. */
export async function noteEnd(db: Db, session: string, status: 'complete' | 'expired'): Promise<void> {
  await rows(
    db,
    `UPDATE checkout_sessions
     SET status = CASE status WHEN 'open' THEN :status ELSE status END, ended_at = coalesce(ended_at, now()), look_at = now()
     WHERE id = :session AND (status = 'open' OR outcome = 'pending')`,
    { session, status },
  );
}

export interface DueSession extends SessionFacts {
  readonly id: string;
  readonly outcome: SessionOutcome['outcome'];
  readonly reason: string | null;
}

/**
 * Some that are to be decided, locked: what another process is at is left to it. A subscription whose first payment fails is
 * not named by its session, but its customer is: it began in the latest session of his.
 */
export async function lockDue(trx: Knex.Transaction, limit: number): Promise<DueSession[]> {
  return rows<DueSession>(
    trx,
    `SELECT c.id, c.mode, c.status, c.payment_status, c.outcome, c.reason,
       CASE WHEN c.payment = 'none' AND s.status IN ('incomplete', 'incomplete_expired') THEN 'failed' ELSE c.payment END AS payment,
       coalesce(c.failure_code, (
         SELECT coalesce(a.reason, a.code) FROM subscription_payment_attempts a
         JOIN subscription_invoices i ON i.id = a.invoice WHERE i.subscription = s.id
         ORDER BY a.at DESC LIMIT 1)) AS failure_code,
       coalesce(c.told_at >= c.ended_at, false) AS is_told,
       CASE WHEN p.updated_at > coalesce(c.told_at, '-infinity') THEN p.status END AS intent_status,
       s.id IS NOT NULL AS is_begun,
       coalesce(p.foreign_invoice IS NOT NULL, false)
         OR EXISTS (SELECT FROM payment_invoices d WHERE d.account = '' AND d.payment_intent = p.payment_intent AND d.step = 'paid')
         OR EXISTS (SELECT FROM invoices o WHERE o.payment_intent = p.payment_intent AND o.status = 'paid')
         OR EXISTS (SELECT FROM subscription_invoices i WHERE i.subscription = s.id AND i.status = 'paid') AS has_document,
       EXISTS (SELECT FROM access_grants g
               WHERE g.cause IN ('payment:' || p.payment_intent, 'subscription:' || s.id)) AS has_access,
       (SELECT CASE WHEN r.kind IN ('access_without_reference', 'subscription_without_reference', 'price_without_plan')
                    THEN 'access' ELSE 'document' END
        FROM review_items r
        WHERE r.state = 'open' AND r.subject IN (p.payment_intent, s.id)
          AND r.kind IN ('access_without_reference', 'subscription_without_reference', 'price_without_plan', 'eligibility_unclear',
            'line_items_differ', 'invoice_total_differs', 'invoice_not_settled', 'invoice_changed_by_hand',
            'customer_balance_consumed', 'invoice_refused', 'payment_not_booked', 'payment_mismatch', 'double_payment',
            'event_failed')
        ORDER BY 1 LIMIT 1) AS asked,
       coalesce(p.verdict = 'skip' AND p.settled_at IS NOT NULL, false) AS is_skipped,
       p.unbooked_since IS NOT NULL AS awaits_booking,
       coalesce(c.reason IN ('question', 'not_fulfilled')
         OR c.reason = 'in_work' AND c.decided_at <= now() - make_interval(secs => :within), false) AS is_overdue
     FROM (SELECT * FROM checkout_sessions WHERE look_at <= now() ORDER BY look_at LIMIT :limit FOR UPDATE SKIP LOCKED) c
     LEFT JOIN payments p ON p.account = '' AND p.payment_intent = coalesce(c.payment_intent, (
       SELECT payment_intent FROM payments WHERE account = '' AND checkout_session = c.id LIMIT 1))
     LEFT JOIN subscriptions s ON s.id = coalesce(c.subscription, (SELECT id FROM subscriptions WHERE session = c.id LIMIT 1), (
       SELECT id FROM subscriptions n
       WHERE c.mode = 'subscription' AND c.status = 'expired' AND n.customer = c.customer AND n.session IS NULL
         AND n.status IN ('incomplete', 'incomplete_expired') AND n.created BETWEEN c.created AND c.expires_at
         AND NOT EXISTS (SELECT FROM checkout_sessions o
                         WHERE o.mode = 'subscription' AND o.customer = c.customer AND o.created > c.created AND o.created <= n.created)
       ORDER BY created DESC LIMIT 1))`,
    { limit, within: FULFILLED_WITHIN_SECONDS },
  );
}

/** @param after seconds until it is decided again; null: only when there is news of it */
export async function writeOutcome(
  trx: Knex.Transaction,
  id: string,
  { outcome, reason }: SessionOutcome,
  { failureCode, after }: { failureCode: string | null; after: number | null },
): Promise<void> {
  await rows(
    trx,
    `UPDATE checkout_sessions
     SET decided_at = CASE WHEN (outcome, reason) IS DISTINCT FROM (:outcome, :reason) THEN now() ELSE decided_at END,
         outcome = :outcome, reason = :reason, failure_code = coalesce(failure_code, :failureCode),
         look_at = now() + make_interval(secs => cast(:after AS double precision))
     WHERE id = :id`,
    { id, outcome, reason, failureCode, after },
  );
}

/** Pages of ours that are open, as far as we know, and have ended at Stripe. */
export interface EndedCheckout {
  readonly session: string;
  readonly status: 'complete' | 'expired';
  readonly subscription: string | null;
}

export async function endedCheckouts(db: Db, limit: number): Promise<EndedCheckout[]> {
  return rows<EndedCheckout>(
    db,
    `SELECT s.id AS session, CASE s.status WHEN 'complete' THEN 'complete' ELSE 'expired' END AS status, s.subscription
     FROM checkouts c JOIN checkout_sessions s ON s.id = c.session
     WHERE c.state = 'open' AND s.status <> 'open' ORDER BY s.ended_at LIMIT :limit`,
    { limit },
  );
}
