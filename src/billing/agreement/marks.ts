import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { Changed, RecordKind } from './records.ts';

/** The table `agreement_marks`: dependents that did not come into agreement, and are tried again. */
export interface Mark {
  readonly id: number;
  readonly dependent: string;
  readonly record: string;
  readonly subject: string;
  readonly turned: string | null;
  /** How often it was tried again. */
  readonly tries: number;
  readonly last_error: string;
}

/** The first repetition comes within a minute; a bug that is mended by a release needs no more than one in a quarter of an hour. */
const RETRY_SECONDS = { first: 20, longest: 900 };

export async function leaveMark(
  trx: Knex.Transaction,
  { record, id, turned }: Changed,
  dependent: string,
  error: string,
): Promise<void> {
  await rows(
    trx,
    `INSERT INTO agreement_marks (dependent, record, subject, turned, last_error, next_try_at)
     VALUES (:dependent, :record, :id, :turned, :error, now() + make_interval(secs => :seconds))
     ON CONFLICT ON CONSTRAINT agreement_marks_once DO UPDATE SET last_error = excluded.last_error`,
    { dependent, record, id, turned: turned ?? null, error, seconds: RETRY_SECONDS.first },
  );
}

/**
 * The next mark that is due, locked until the transaction ends: who marks it anew meanwhile waits, and leaves one of his own.
 * @param known dependents by record: those of a newer release are left to it
 */
export async function takeMark(
  trx: Knex.Transaction,
  known: readonly (readonly [RecordKind, string])[],
): Promise<Mark | undefined> {
  return firstRow<Mark>(
    trx,
    `SELECT id, dependent, record, subject, turned, tries, last_error FROM agreement_marks
     WHERE next_try_at <= now()
       AND (record, dependent) IN (SELECT * FROM unnest(:records::text[], :dependents::text[]))
     ORDER BY next_try_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`,
    { records: known.map(([record]) => record), dependents: known.map(([, dependent]) => dependent) },
  );
}

export async function removeMark(trx: Knex.Transaction, { id }: Mark): Promise<void> {
  await rows(trx, 'DELETE FROM agreement_marks WHERE id = ?', [id]);
}

export async function putOff(trx: Knex.Transaction, { id, tries }: Mark, error: string): Promise<void> {
  const seconds = Math.min(RETRY_SECONDS.first * 2 ** tries, RETRY_SECONDS.longest);
  await rows(
    trx,
    `UPDATE agreement_marks SET tries = tries + 1, last_error = :error, next_try_at = now() + make_interval(secs => :seconds)
     WHERE id = :id`,
    { id, error, seconds },
  );
}

export interface Waiting {
  readonly dependent: string;
  readonly count: number;
  /** Of the one that waits longest. */
  readonly seconds: number;
  readonly error: string;
}

/** By dependent, for those who look after the system. */
export async function waitingMarks(db: Db): Promise<Waiting[]> {
  return rows<Waiting>(
    db,
    `SELECT dependent, count(*) AS count, extract(epoch FROM now() - min(marked_at))::integer AS seconds,
            (array_agg(last_error ORDER BY marked_at))[1] AS error
     FROM agreement_marks GROUP BY dependent ORDER BY dependent`,
  );
}
