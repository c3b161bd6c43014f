import type { Knex } from 'knex';
import { announce } from '../../messages/outbox.ts';
import { type Db, firstRow, rows } from '../../platform/db.ts';

/** The table `review_items`: what a program must not decide. An open question is asked once per kind and subject. */
export interface Question {
  readonly kind: string;
  /** The id of what it is about, e.g. pi_… */
  readonly subject: string;
  /** One or two sentences for the person who decides. */
  readonly summary: string;
  /** What was expected and found; ids and amounts, no personal data. */
  readonly details?: Record<string, unknown>;
}

/** The choice by which a credit note stays although its cause is gone. */
export const keptNote = 'keep_note';
/** The choice by which money that is not ours to keep goes back. */
export const refundedAsDuplicate = 'refund_as_duplicate';

/** Who is told of it, and when: review-notices.ts. */
export async function askPerson(db: Db | Knex.Transaction, question: Question): Promise<void> {
  await db.transaction(async (trx) => {
    const item = await firstRow<{ id: number; fresh: boolean }>(
      trx,
      `INSERT INTO review_items (kind, subject, summary, details, to_be_told)
       VALUES (:kind, :subject, :summary, :details, true)
       ON CONFLICT (kind, subject) WHERE state = 'open'
       DO UPDATE SET seen_again_at = now(), summary = excluded.summary, details = excluded.details
       RETURNING id, seen_again_at IS NULL AS fresh`,
      {
        kind: question.kind,
        subject: question.subject,
        summary: question.summary,
        details: JSON.stringify(question.details ?? {}),
      },
    );
    if (!item?.fresh) return;
    const { kind, subject, summary } = question;
    await announce(trx, {
      type: 'review.raised',
      key: String(item.id),
      data: { item: item.id, kind, subject, summary },
    });
  });
}

/**
 * Asks unless the same question was answered before: a decision holds.
 * @returns whether the question is open now
 */
export async function askPersonOnce(db: Db | Knex.Transaction, question: Question): Promise<boolean> {
  const answered = await firstRow(
    db,
    `SELECT id FROM review_items WHERE kind = :kind AND subject = :subject AND state <> 'open' AND closed_by <> 'system'`,
    { kind: question.kind, subject: question.subject },
  );
  if (answered) return false;
  await askPerson(db, question);
  return true;
}

/** Whether this was asked before, answered or not. */
export async function wasAsked(db: Db, { kind, subject }: Pick<Question, 'kind' | 'subject'>): Promise<boolean> {
  return (
    (await firstRow(db, 'SELECT id FROM review_items WHERE kind = ? AND subject = ? LIMIT 1', [kind, subject])) !==
    undefined
  );
}

/** Those of the subjects about which a person made this choice. */
export async function subjectsDecided(db: Db, choice: string, subjects: readonly string[]): Promise<string[]> {
  const decided = await rows<{ subject: string }>(
    db,
    'SELECT subject FROM review_items WHERE decision = :choice AND subject = ANY(:subjects)',
    { choice, subjects: [...subjects] },
  );
  return decided.map(({ subject }) => subject);
}

/** The matter settled itself, e.g. a retry went through: nobody needs to look any more. */
export async function withdrawQuestion(
  db: Db | Knex.Transaction,
  { kind, subject }: Pick<Question, 'kind' | 'subject'>,
  reason: string,
): Promise<void> {
  await withdrawQuestions(db, [kind], subject, reason);
}

export async function withdrawQuestions(
  db: Db | Knex.Transaction,
  kinds: readonly string[],
  subject: string,
  reason: string,
): Promise<void> {
  await firstRow(
    db,
    `UPDATE review_items SET state = 'resolved', closed_at = now(), closed_by = 'system', reason = :reason, to_be_told = false
     WHERE kind = ANY(:kinds) AND subject = :subject AND state = 'open'`,
    { kinds: [...kinds], subject, reason },
  );
}

/** What the open questions of a kind are about. */
export async function openSubjects(db: Db, kind: string): Promise<string[]> {
  const open = await rows<{ subject: string }>(
    db,
    `SELECT subject FROM review_items WHERE kind = ? AND state = 'open' ORDER BY subject`,
    [kind],
  );
  return open.map(({ subject }) => subject);
}

export interface ReviewItem {
  readonly id: number;
  readonly kind: string;
  readonly subject: string;
  readonly summary: string;
  readonly details: unknown;
  readonly state: 'open' | 'resolved' | 'dismissed';
  readonly opened_at: Date;
  readonly decision: string | null;
  readonly closed_by: string | null;
  readonly reason: string | null;
}

const COLUMNS = 'id, kind, subject, summary, details, state, opened_at, decision, closed_by, reason';

export async function findReviewItem(db: Db, id: number): Promise<ReviewItem | undefined> {
  return firstRow<ReviewItem>(db, `SELECT ${COLUMNS} FROM review_items WHERE id = ?`, [id]);
}

/** Oldest first: who waits longest is looked at first. */
export async function openReviewItems(db: Db, limit = 200): Promise<ReviewItem[]> {
  return rows<ReviewItem>(db, `SELECT ${COLUMNS} FROM review_items WHERE state = 'open' ORDER BY opened_at LIMIT ?`, [
    limit,
  ]);
}

/** Those about an own invoice name it in their details. */
export async function openReviewsOfInvoice(db: Db, invoice: string): Promise<ReviewItem[]> {
  return rows<ReviewItem>(
    db,
    `SELECT ${COLUMNS} FROM review_items WHERE state = 'open' AND details->>'invoice' = ? ORDER BY id`,
    [invoice],
  );
}

/** @returns whether it was open until now */
export async function closeReviewItem(
  db: Db | Knex.Transaction,
  id: number,
  close: { state: 'resolved' | 'dismissed'; actor: string; choice: string; reason: string },
): Promise<boolean> {
  const closed = await firstRow(
    db,
    `UPDATE review_items SET state = :state, closed_at = now(), closed_by = :actor, decision = :choice, reason = :reason,
       to_be_told = false
     WHERE id = :id AND state = 'open' RETURNING id`,
    { id, ...close },
  );
  return closed !== undefined;
}
