import type { Knex } from 'knex';
import { type Db, firstRow } from '../../platform/db.ts';
import type { Grant } from './grant.ts';

/** The table `access_by_hand`: what a person gave to somebody, and perhaps took back. */
export interface ByHandRow {
  readonly id: number;
  readonly reference: string;
  readonly feature: string;
  readonly value: Grant['value'];
  readonly until: Date | null;
  readonly reason: string;
  readonly granted_by: string;
  readonly granted_at: Date;
  readonly ended_at: Date | null;
  readonly end_reason: string | null;
}

const COLUMNS = 'id, reference, feature, value, until, reason, granted_by, granted_at, ended_at, end_reason';

export async function findByHand(db: Db | Knex.Transaction, id: number): Promise<ByHandRow | undefined> {
  return firstRow<ByHandRow>(db, `SELECT ${COLUMNS} FROM access_by_hand WHERE id = ?`, [id]);
}

/** @returns its id */
export async function insertByHand(
  trx: Knex.Transaction,
  given: {
    readonly reference: string;
    readonly feature: string;
    readonly until: Date | null;
    readonly reason: string;
    readonly by: string;
  },
): Promise<number | undefined> {
  const row = await firstRow<{ id: number }>(
    trx,
    `INSERT INTO access_by_hand (reference, feature, until, reason, granted_by)
     VALUES (:reference, :feature, :until, :reason, :by) RETURNING id`,
    { ...given },
  );
  return row?.id;
}

/** @returns whether it was not ended before */
export async function endByHand(
  trx: Knex.Transaction,
  ended: { readonly id: number; readonly reason: string; readonly by: string },
): Promise<boolean> {
  const found = await firstRow(
    trx,
    `UPDATE access_by_hand SET ended_at = now(), ended_by = :by, end_reason = :reason
     WHERE id = :id AND ended_at IS NULL RETURNING id`,
    { ...ended },
  );
  return found !== undefined;
}
