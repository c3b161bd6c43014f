import type { Knex } from 'knex';
import { firstRow, rows } from '../../platform/db.ts';

/** The table `access_assignments`: whose something that was bought is, by the word of a person. */
export interface Assignment {
  /** null: nobody's. */
  readonly reference: string | null;
}

export async function assignmentOf(trx: Knex.Transaction, cause: string): Promise<Assignment | undefined> {
  return firstRow<Assignment>(trx, 'SELECT reference FROM access_assignments WHERE cause = ?', [cause]);
}

export interface NewAssignment extends Assignment {
  /** payment:pi_… */
  readonly cause: string;
  readonly reason: string;
  /** e.g. `admin:demo` */
  readonly by: string;
}

/** In place of what was said before. */
export async function reassign(trx: Knex.Transaction, assignment: NewAssignment): Promise<void> {
  await rows(
    trx,
    `INSERT INTO access_assignments (cause, reference, reason, assigned_by) VALUES (:cause, :reference, :reason, :by)
     ON CONFLICT ON CONSTRAINT access_assignments_once DO UPDATE SET
       reference = excluded.reference, reason = excluded.reason, assigned_by = excluded.assigned_by, assigned_at = now()`,
    { ...assignment },
  );
}

/**
 * The first decision holds.
 * @returns what holds now
 */
export async function assign(trx: Knex.Transaction, assignment: NewAssignment): Promise<Assignment> {
  await rows(
    trx,
    `INSERT INTO access_assignments (cause, reference, reason, assigned_by) VALUES (:cause, :reference, :reason, :by)
     ON CONFLICT ON CONSTRAINT access_assignments_once DO NOTHING`,
    { ...assignment },
  );
  return (await assignmentOf(trx, assignment.cause)) ?? assignment;
}
