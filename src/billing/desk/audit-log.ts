import type { Knex } from 'knex';
import { type Db, rows } from '../../platform/db.ts';
import { printable } from '../../platform/text.ts';

/** The table `audit_log`: what people did. Written before, or in the transaction of, the change itself. */
export interface AuditEntry {
  /** e.g. `admin:demo` or `cli:root` */
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly reason: string;
  readonly details?: Record<string, unknown>;
}

export async function recordAudit(db: Db | Knex.Transaction, entry: AuditEntry): Promise<void> {
  await rows(
    db,
    'INSERT INTO audit_log (actor, action, subject, reason, details) VALUES (:actor, :action, :subject, :reason, :details)',
    { ...entry, reason: printable(entry.reason).trim(), details: JSON.stringify(entry.details ?? {}) },
  );
}
