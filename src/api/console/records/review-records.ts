import { type Db, rows } from '../../../platform/db.ts';
import { type Page, type PageAsked, readPage } from '../../../platform/pages.ts';
import type { AuditRow, ReviewRow } from './records.ts';

/** Reads questions and decisions for the console. */

/** Numbers that no table has rows for would be errors of Postgres. */
export const REVIEW_ID = /^\d{1,15}$/;

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

const LISTS = {
  /** Longest waiting first. */
  open: {
    where: `state = 'open'`,
    order: { table: 'review_items', by: 'opened_at', newestFirst: false, ids: REVIEW_ID },
  },
  closed: {
    where: `state <> 'open'`,
    order: { table: 'review_items', by: 'closed_at', newestFirst: true, ids: REVIEW_ID },
  },
};

/** @returns undefined when the question to begin or end at is not there */
export async function pageOfReviews(
  db: Db,
  list: keyof typeof LISTS,
  asked: PageAsked,
): Promise<Page<ReviewRow> | undefined> {
  const { where, order } = LISTS[list];
  return readPage<ReviewRow>(
    db,
    order,
    { select: `SELECT ${REVIEW} FROM review_items`, where: [where], bindings: {} },
    asked,
  );
}

/** Oldest first. */
export async function auditOf(db: Db, subject: string): Promise<AuditRow[]> {
  return rows<AuditRow>(
    db,
    'SELECT at, actor, action, reason, details FROM audit_log WHERE subject = ? ORDER BY id LIMIT 200',
    [subject],
  );
}
