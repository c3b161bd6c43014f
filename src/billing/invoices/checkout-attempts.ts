import { type Db, firstRow, rows } from '../../platform/db.ts';
import { bug } from '../../platform/errors.ts';
import type { Executor } from './invoices.ts';

/** The table `checkout_attempts`: each Checkout Session of an own invoice, with what the customer had ticked. */
export type AttemptState = 'creating' | 'open' | 'processing' | 'paid' | 'failed' | 'expired';

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
  readonly created_at: Date;
  readonly expires_at: Date;
}

const COLUMNS =
  'id, invoice, attempt, amount, currency, extras, state, stripe_session, url, payment_intent, created_at, expires_at';

/** The one attempt that could still lead to a payment. */
export async function liveAttempt(db: Executor, invoice: string): Promise<AttemptRow | undefined> {
  return firstRow<AttemptRow>(
    db,
    `SELECT ${COLUMNS} FROM checkout_attempts WHERE invoice = ? AND state IN ('creating', 'open', 'processing')`,
    [invoice],
  );
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

/** Of several attempts the one that tells most about where the invoice stands: the newest. */
export async function latestAttempt(db: Db, invoice: string): Promise<AttemptRow | undefined> {
  return firstRow<AttemptRow>(
    db,
    `SELECT ${COLUMNS} FROM checkout_attempts WHERE invoice = ? ORDER BY attempt DESC LIMIT 1`,
    [invoice],
  );
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

export interface NewAttempt {
  readonly invoice: string;
  readonly amount: number;
  readonly currency: string;
  readonly extras: readonly number[];
  readonly expiresAt: Date;
}

/** The invoice must be locked by the caller. A live attempt besides it violates `checkout_attempts_one_live`. */
export async function insertAttempt(trx: Executor, attempt: NewAttempt): Promise<AttemptRow> {
  const row = await firstRow<AttemptRow>(
    trx,
    `INSERT INTO checkout_attempts (invoice, attempt, amount, currency, extras, expires_at)
     SELECT :invoice, coalesce(max(attempt), 0) + 1, :amount, :currency, :extras, :expiresAt
     FROM checkout_attempts WHERE invoice = :invoice RETURNING ${COLUMNS}`,
    { ...attempt, extras: JSON.stringify(attempt.extras) },
  );
  return row ?? bug(`no checkout attempt was written for ${attempt.invoice}`);
}

export async function recordSession(db: Executor, id: number, session: string, url: string | null): Promise<void> {
  await rows(
    db,
    `UPDATE checkout_attempts SET stripe_session = ?, url = ?, state = CASE WHEN state = 'creating' THEN 'open' ELSE state END
     WHERE id = ? AND stripe_session IS NULL`,
    [session, url, id],
  );
}

/** Final states stay: an expired attempt does not open again, a paid one does not expire. */
export async function moveAttempt(
  db: Executor,
  id: number,
  state: Exclude<AttemptState, 'creating' | 'open'>,
  paymentIntent: string | null = null,
): Promise<void> {
  await rows(
    db,
    `UPDATE checkout_attempts SET state = :state, payment_intent = coalesce(:intent, payment_intent)
     WHERE id = :id AND state <> 'paid'`,
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
