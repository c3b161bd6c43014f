import { type Db, firstRow } from '../../platform/db.ts';
import { bug } from '../../platform/errors.ts';
import type { Phase } from './phases.ts';

/** The table `backfill_runs`. */
export interface BackfillRun {
  readonly id: number;
  readonly phase: Phase | 'done';
  readonly cursor: string | null;
  readonly looked_at: number;
  /** Invoices and credit notes that the run has made. */
  readonly created: number;
  /** What failed, and why; at most `FAILURES_KEPT`. */
  readonly failed: readonly string[];
  /** How many failed. */
  readonly failures: number;
}

/** What happened since a run that stopped longer ago is not in front of its cursor: then it is better to begin anew. */
const RESUMED_WITHIN_HOURS = 24;

/** Beyond that they are only counted: a run must not outgrow its memory because Stripe is away. */
export const FAILURES_KEPT = 1_000;

const COLUMNS = 'id, phase, cursor, looked_at, created, failed, failures';

/** The unfinished run since this day, or a new one. */
export async function openRun(db: Db, since: Date): Promise<BackfillRun> {
  const unfinished = await firstRow<BackfillRun>(
    db,
    `SELECT ${COLUMNS} FROM backfill_runs
     WHERE since = :since AND phase <> 'done' AND updated_at > now() - make_interval(hours => :hours)
     ORDER BY id DESC LIMIT 1`,
    { since, hours: RESUMED_WITHIN_HOURS },
  );
  if (unfinished) return unfinished;
  const run = await firstRow<BackfillRun>(db, `INSERT INTO backfill_runs (since) VALUES (?) RETURNING ${COLUMNS}`, [
    since,
  ]);
  return run ?? bug('a backfill run was not written');
}

/** A page is done with: how far the run has come. @returns with everything that was created until now */
export async function saveRun(db: Db, run: BackfillRun): Promise<BackfillRun> {
  const saved = await firstRow<BackfillRun>(
    db,
    `UPDATE backfill_runs SET phase = :phase, cursor = :cursor, looked_at = :looked_at, failed = :failed,
            failures = :failures, updated_at = now()
     WHERE id = :id RETURNING ${COLUMNS}`,
    {
      id: run.id,
      phase: run.phase,
      cursor: run.cursor,
      looked_at: run.looked_at,
      failed: JSON.stringify(run.failed.slice(0, FAILURES_KEPT)),
      failures: run.failures,
    },
  );
  return saved ?? bug(`backfill run ${run.id} is gone`);
}

/** Counted payment by payment: what a page made before the run was stopped is made for good. */
export async function countCreated(db: Db, { id }: Pick<BackfillRun, 'id'>, created: number): Promise<void> {
  await firstRow(db, 'UPDATE backfill_runs SET created = created + ? WHERE id = ?', [created, id]);
}
