import { type Db, rows } from '../../platform/db.ts';
import type { AuditRow, ReviewRow } from '../../views/console/records.ts';

/** Reads questions and decisions for the console. */

/** Questions about an own invoice name it in their details. */
export async function reviewsOfInvoice(db: Db, invoice: string): Promise<ReviewRow[]> {
  return rows<ReviewRow>(
    db,
    `SELECT ${REVIEW} FROM review_items WHERE subject = :invoice OR details->>'invoice' = :invoice ORDER BY id`,
    { invoice },
  );
}

const REVIEW = 'id, kind, subject, summary, details, state, opened_at, closed_at, closed_by, decision, reason';

export async function findReview(db: Db, id: number): Promise<ReviewRow | undefined> {
  const [item] = await rows<ReviewRow>(db, `SELECT ${REVIEW} FROM review_items WHERE id = ?`, [id]);
  return item;
}

/** Open ones: longest waiting first. Closed ones: latest first. */
export async function listReviews(
  db: Db,
  { open, limit, offset }: { open: boolean; limit: number; offset: number },
): Promise<ReviewRow[]> {
  const which = open ? `state = 'open' ORDER BY opened_at, id` : `state <> 'open' ORDER BY closed_at DESC, id DESC`;
  return rows<ReviewRow>(db, `SELECT ${REVIEW} FROM review_items WHERE ${which} LIMIT ? OFFSET ?`, [limit, offset]);
}

/** Oldest first. */
export async function auditOf(db: Db, subject: string): Promise<AuditRow[]> {
  return rows<AuditRow>(
    db,
    'SELECT at, actor, action, reason, details FROM audit_log WHERE subject = ? ORDER BY id LIMIT 200',
    [subject],
  );
}
