import { type Db, firstRow } from '../../platform/db.ts';
import { bug } from '../../platform/errors.ts';

/** The table `backfill_runs`. */
export type Phase = 'payments' | 'refunds' | 'disputes' | 'done';

export interface BackfillRun {
  readonly id: number;
  readonly phase: Phase;
  readonly cursor: string | null;
  readonly looked_at: number;
  readonly processed: number;
  /** Payment intents whose use case failed, to be looked at. */
  readonly failed: readonly string[];
}

const COLUMNS = 'id, phase, cursor, looked_at, processed, failed';

/** The unfinished run since this day, or a new one. */
export async function openRun(db: Db, since: Date): Promise<BackfillRun> {
  const unfinished = await firstRow<BackfillRun>(
    db,
    `SELECT ${COLUMNS} FROM backfill_runs WHERE since = ? AND phase <> 'done' ORDER BY id DESC LIMIT 1`,
    [since],
  );
  if (unfinished) return unfinished;
  const run = await firstRow<BackfillRun>(db, `INSERT INTO backfill_runs (since) VALUES (?) RETURNING ${COLUMNS}`, [
    since,
  ]);
  return run ?? bug('a backfill run was not written');
}

export async function saveRun(db: Db, run: BackfillRun): Promise<void> {
  await firstRow(
    db,
    `UPDATE backfill_runs SET phase = :phase, cursor = :cursor, looked_at = :looked_at, processed = :processed,
            failed = :failed, updated_at = now() WHERE id = :id`,
    { ...run, failed: JSON.stringify(run.failed) },
  );
}
