import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { AccessState, Features } from './access-state.ts';

/** The table `access_states`: what systems were told of somebody, with which version, and when it changes by time. */
export async function toldFeatures(trx: Knex.Transaction, reference: string): Promise<Features> {
  const row = await firstRow<{ features: Features }>(trx, 'SELECT features FROM access_states WHERE reference = ?', [
    reference,
  ]);
  return row?.features ?? {};
}

export async function writeState(
  trx: Knex.Transaction,
  reference: string,
  version: number,
  { features, changesAt, onTestClock }: AccessState,
): Promise<void> {
  await rows(
    trx,
    `INSERT INTO access_states (reference, version, changes_at, on_test_clock, features)
     VALUES (:reference, :version, :changesAt, :onTestClock, :features)
     ON CONFLICT (reference) DO UPDATE SET version = excluded.version, changes_at = excluded.changes_at,
       on_test_clock = excluded.on_test_clock,
       features = excluded.features, agreed_at = now()`,
    { reference, version, changesAt, onTestClock, features: JSON.stringify(features) },
  );
}

/** Those whose access has changed by time, and who are not waiting to be decided again. */
export async function dueReferences(db: Db, limit: number): Promise<string[]> {
  const due = await rows<{ reference: string }>(
    db,
    `SELECT reference FROM access_states
     WHERE changes_at <= now()
       AND NOT EXISTS (SELECT FROM agreement_marks
                       WHERE dependent = 'access' AND record = 'access' AND subject = reference)
     ORDER BY changes_at LIMIT ?`,
    [limit],
  );
  return due.map(({ reference }) => reference);
}
