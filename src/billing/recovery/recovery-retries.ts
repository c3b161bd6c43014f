import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';

/** The table `recovery_retries`: tries of ours, each written before Stripe is asked. */
export interface RetryRow {
  readonly id: number;
  /** in_… */
  readonly invoice: string;
  readonly why: 'step' | 'new_card' | 'operator';
  /** Fingerprint, or where there is none the payment method. */
  readonly card: string;
  /** pm_… */
  readonly payment_method: string;
  /** Failed tries of this card for this invoice that were known before. */
  readonly tries_before: number;
  readonly key_version: number;
  readonly state: 'asking' | 'paid' | 'processing' | 'declined' | 'refused' | 'left';
  /** By Postgres's clock. */
  readonly asked_at: Date;
  /** What counts for steps and caps: the same, or the time of its test clock. */
  readonly at: Date;
}

const COLUMNS = 'id, invoice, why, card, payment_method, tries_before, key_version, state, asked_at, at';

export interface NewRetry extends Pick<RetryRow, 'invoice' | 'why' | 'card' | 'at'> {
  readonly method: string;
  readonly triesBefore: number;
  /** Of a person's: who it was. */
  readonly by: string | null;
}

/** @returns undefined when one is under way, or a new card had its try: whoever was quicker makes it */
export async function insertRetry(db: Db | Knex.Transaction, retry: NewRetry): Promise<RetryRow | undefined> {
  return firstRow<RetryRow>(
    db,
    `INSERT INTO recovery_retries (invoice, why, card, payment_method, tries_before, at, asked_by)
     VALUES (:invoice, :why, :card, :method, :triesBefore, :at, :by) ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
    { ...retry },
  );
}

/** The one that is under way, or whose process has died. */
export async function retryUnderWay(db: Db, invoice: string): Promise<RetryRow | undefined> {
  return firstRow<RetryRow>(db, `SELECT ${COLUMNS} FROM recovery_retries WHERE invoice = ? AND state = 'asking'`, [
    invoice,
  ]);
}

/** Those of a case that were made, or may have been; from the first to the last. */
export async function retriesOf(db: Db | Knex.Transaction, invoice: string): Promise<RetryRow[]> {
  return rows<RetryRow>(
    db,
    `SELECT ${COLUMNS} FROM recovery_retries WHERE invoice = ? AND state <> 'left' ORDER BY at, recovery_retries.id`,
    [invoice],
  );
}

export async function raiseKeyVersion(db: Db, { id, key_version: version }: RetryRow): Promise<void> {
  await rows(
    db,
    'UPDATE recovery_retries SET key_version = key_version + 1 WHERE id = :id AND key_version = :version',
    { id, version },
  );
}

/** @returns false when it had ended before */
export async function endRetry(
  trx: Knex.Transaction,
  id: number,
  { state, said }: { readonly state: Exclude<RetryRow['state'], 'asking'>; readonly said: string },
): Promise<boolean> {
  const ended = await firstRow(
    trx,
    `UPDATE recovery_retries SET state = :state, said = :said, ended_at = now() WHERE id = :id AND state = 'asking' RETURNING id`,
    { id, state, said },
  );
  return ended !== undefined;
}

/** By what of ours the invoice was paid, if it was: a try that has paid it, or is just being made. */
export async function paidByRetry(trx: Knex.Transaction, invoice: string): Promise<RetryRow['why'] | undefined> {
  const row = await firstRow<Pick<RetryRow, 'why'>>(
    trx,
    `SELECT why FROM recovery_retries WHERE invoice = ? AND state IN ('asking', 'paid', 'processing')
     ORDER BY recovery_retries.id DESC LIMIT 1`,
    [invoice],
  );
  return row?.why;
}
