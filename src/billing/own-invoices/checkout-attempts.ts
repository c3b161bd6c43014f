import type Stripe from 'stripe';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import { bug } from '../../platform/errors.ts';
import type { Executor } from './invoices.ts';

/** The table `checkout_attempts`: each Checkout Session of an own invoice, with what the customer had ticked. */
export type AttemptState = 'creating' | 'open' | 'processing' | 'paid' | 'failed' | 'expired' | 'refused';

/** What a session is created from. Kept as it was sent, and sent again to the letter. */
export type SessionParams = Stripe.Checkout.SessionCreateParams;

/** How long a payment page can be used; Stripe takes 30 minutes to 24 hours. */
export const SESSION_HOURS = 12;

export interface AttemptRow {
  readonly id: number;
  readonly invoice: string;
  readonly attempt: number;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly extras: readonly number[];
  readonly state: AttemptState;
  readonly stripe_session: string | null;
  readonly url: string | null;
  readonly payment_intent: string | null;
  /** Null once the session is known, and where an older release began it: the link of the invoice is in it. */
  readonly session_params: SessionParams | null;
  /** Why a refused one has no session. */
  readonly refusal: string | null;
  readonly created_at: Date;
  readonly expires_at: Date;
}

const COLUMNS = `id, invoice, attempt, amount, currency, extras, state, stripe_session, url, payment_intent, session_params, refusal,
  created_at, expires_at`;

const LIVE = `state IN ('creating', 'open', 'processing')`;

/** The one attempt that could still lead to a payment. */
export async function liveAttempt(db: Executor, invoice: string): Promise<AttemptRow | undefined> {
  return firstRow<AttemptRow>(db, `SELECT ${COLUMNS} FROM checkout_attempts WHERE invoice = ? AND ${LIVE}`, [invoice]);
}

export async function attemptOfSession(db: Executor, session: string): Promise<AttemptRow | undefined> {
  return firstRow<AttemptRow>(db, `SELECT ${COLUMNS} FROM checkout_attempts WHERE stripe_session = ?`, [session]);
}

/** @param attempt NaN finds nothing */
export async function attemptByNumber(db: Executor, invoice: string, attempt: number): Promise<AttemptRow | undefined> {
  if (!Number.isSafeInteger(attempt)) return undefined;
  return firstRow<AttemptRow>(db, `SELECT ${COLUMNS} FROM checkout_attempts WHERE invoice = ? AND attempt = ?`, [
    invoice,
    attempt,
  ]);
}

/** Newest first. */
export async function attemptsOfInvoice(db: Db, invoice: string): Promise<AttemptRow[]> {
  return rows<AttemptRow>(db, `SELECT ${COLUMNS} FROM checkout_attempts WHERE invoice = ? ORDER BY attempt DESC`, [
    invoice,
  ]);
}

/** Of several attempts the one that tells most about where the invoice stands: the newest. */
export async function latestAttempt(db: Db, invoice: string): Promise<AttemptRow | undefined> {
  return (await latestAttempts(db, [invoice])).get(invoice);
}

/** The latest of each of these invoices that has one. */
export async function latestAttempts(db: Db, invoices: readonly string[]): Promise<Map<string, AttemptRow>> {
  const latest = await rows<AttemptRow>(
    db,
    `SELECT DISTINCT ON (invoice) ${COLUMNS} FROM checkout_attempts WHERE invoice = ANY(:invoices)
     ORDER BY invoice, attempt DESC`,
    { invoices: [...invoices] },
  );
  return new Map(latest.map((attempt) => [attempt.invoice, attempt]));
}

/** The invoice must be locked by the caller until the attempt is written. */
export async function nextAttemptNumber(trx: Executor, invoice: string): Promise<number> {
  const last = await firstRow<{ last: number | null }>(
    trx,
    'SELECT max(attempt) AS last FROM checkout_attempts WHERE invoice = ?',
    [invoice],
  );
  return (last?.last ?? 0) + 1;
}

export interface NewAttempt {
  readonly invoice: string;
  readonly attempt: number;
  readonly amount: number;
  readonly currency: string;
  readonly extras: readonly number[];
  readonly expiresAt: Date;
  readonly params: SessionParams;
}

/** The invoice must be locked by the caller. A live attempt besides it violates `checkout_attempts_one_live`. */
export async function insertAttempt(trx: Executor, attempt: NewAttempt): Promise<AttemptRow> {
  const row = await firstRow<AttemptRow>(
    trx,
    `INSERT INTO checkout_attempts (invoice, attempt, amount, currency, extras, expires_at, session_params)
     VALUES (:invoice, :attempt, :amount, :currency, :extras, :expiresAt, :params) RETURNING ${COLUMNS}`,
    { ...attempt, extras: JSON.stringify(attempt.extras), params: JSON.stringify(attempt.params) },
  );
  return row ?? bug(`no checkout attempt was written for ${attempt.invoice}`);
}

/** Who comes second gets what the first has kept. */
export async function keepParams(db: Executor, id: number, params: SessionParams): Promise<SessionParams> {
  const row = await firstRow<{ session_params: SessionParams }>(
    db,
    `UPDATE checkout_attempts SET session_params = coalesce(session_params, :params::json) WHERE id = :id RETURNING session_params`,
    { id, params: JSON.stringify(params) },
  );
  return row?.session_params ?? bug(`checkout attempt ${id} is gone`);
}

export async function recordSession(db: Executor, id: number, session: string, url: string | null): Promise<void> {
  await rows(
    db,
    `UPDATE checkout_attempts SET stripe_session = ?, url = ?, session_params = NULL,
            state = CASE WHEN state = 'creating' THEN 'open' ELSE state END
     WHERE id = ? AND stripe_session IS NULL`,
    [session, url, id],
  );
}

/** No session was made of it, and none will be. */
export async function endRefused(db: Executor, id: number, refusal: string): Promise<void> {
  await rows(
    db,
    `UPDATE checkout_attempts SET state = 'refused', refusal = ?, session_params = NULL
     WHERE id = ? AND state = 'creating' AND stripe_session IS NULL`,
    [refusal, id],
  );
}

/**
 * A paid attempt stays paid. One that is over comes to life again only where no other is alive: a late word of an older
 * payment page can't stand in the way of the newer one.
 */
export async function moveAttempt(
  db: Executor,
  id: number,
  state: Exclude<AttemptState, 'creating' | 'open' | 'refused'>,
  paymentIntent: string | null = null,
): Promise<void> {
  await rows(
    db,
    `UPDATE checkout_attempts a SET state = :state, payment_intent = coalesce(:intent, payment_intent)
     WHERE id = :id AND state <> 'paid'
       AND (:state <> 'processing' OR NOT EXISTS (
         SELECT FROM checkout_attempts other WHERE other.invoice = a.invoice AND other.id <> a.id AND ${LIVE.replace('state', 'other.state')}))`,
    { id, state, intent: paymentIntent },
  );
}

export async function noteIntent(db: Executor, session: string, paymentIntent: string): Promise<void> {
  await rows(db, 'UPDATE checkout_attempts SET payment_intent = ? WHERE stripe_session = ?', [paymentIntent, session]);
}

/** The attempt of a payment that was not accepted is over: the invoice can be paid anew. */
export async function releaseAttemptOf(db: Db, paymentIntent: string): Promise<void> {
  await rows(
    db,
    `UPDATE checkout_attempts SET state = 'failed' WHERE state IN ('open', 'processing') AND payment_intent = ?`,
    [paymentIntent],
  );
}
