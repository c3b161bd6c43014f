import type { Knex } from 'knex';
import { announce } from '../../messages/outbox.ts';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { Question, QuestionKind } from './questions.ts';

/** The table `review_items`: the questions to a person. An open one is asked once per kind and subject. */

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
        details: JSON.stringify(question.details),
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
  { kind, subject }: { readonly kind: QuestionKind; readonly subject: string },
  reason: string,
): Promise<void> {
  await withdrawQuestions(db, [kind], subject, reason);
}

/** @returns how many were open */
export async function withdrawQuestions(
  db: Db | Knex.Transaction,
  kinds: readonly QuestionKind[],
  subject: string,
  reason: string,
): Promise<number> {
  const withdrawn = await rows(
    db,
    `UPDATE review_items SET state = 'resolved', closed_at = now(), closed_by = 'system', reason = :reason, to_be_told = false
     WHERE kind = ANY(:kinds) AND subject = :subject AND state = 'open' RETURNING id`,
    { kinds: [...kinds], subject, reason },
  );
  return withdrawn.length;
}

/** What the open questions of a kind are about. */
export async function openSubjects(db: Db, kind: QuestionKind): Promise<string[]> {
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
  /** A decision that has begun, and who has made it. */
  readonly claimed_choice: string | null;
  readonly claimed_by: string | null;
  /** What was done for the decision, in words. */
  readonly result: string | null;
}

const COLUMNS = `id, kind, subject, summary, details, state, opened_at, decision, closed_by, reason, claimed_choice, claimed_by,
  result`;

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

/**
 * The first who decides claims the question; whoever decides the same joins, at any time: what is done for a decision may be
 * done by two, and be taken up again when a process has died.
 * @returns false when it is claimed for something else, or open no more
 */
export async function claimDecision(
  db: Db,
  id: number,
  { choice, actor }: { readonly choice: string; readonly actor: string },
): Promise<boolean> {
  const claimed = await firstRow(
    db,
    `UPDATE review_items SET claimed_choice = :choice, claimed_by = :actor, claimed_at = now()
     WHERE id = :id AND state = 'open' AND coalesce(claimed_choice, :choice) = :choice RETURNING id`,
    { id, choice, actor },
  );
  return claimed !== undefined;
}

/** Nothing has come of it: everything may be decided again. */
export async function releaseDecision(db: Db, id: number, choice: string): Promise<void> {
  await firstRow(
    db,
    `UPDATE review_items SET claimed_choice = NULL, claimed_by = NULL, claimed_at = NULL
     WHERE id = :id AND claimed_choice = :choice AND state = 'open'`,
    { id, choice },
  );
}

export async function isOpen(db: Db, id: number): Promise<boolean> {
  return (await firstRow(db, `SELECT id FROM review_items WHERE id = ? AND state = 'open'`, [id])) !== undefined;
}

/** Whether anything is asked about a payment, or what was taken back of it. */
export async function isAskedAboutPayment(trx: Knex.Transaction, payment: string): Promise<boolean> {
  const open = await firstRow(
    trx,
    `SELECT id FROM review_items
     WHERE state = 'open' AND (subject = :payment OR details->>'payment_intent' = :payment) LIMIT 1`,
    { payment },
  );
  return open !== undefined;
}

/**
 * What was done may have withdrawn the question already: then the decision is noted all the same.
 * @returns false when a person has closed it before
 */
export async function closeAnswered(
  trx: Knex.Transaction,
  id: number,
  close: { readonly actor: string; readonly choice: string; readonly reason: string; readonly result: string },
): Promise<boolean> {
  const closed = await firstRow(
    trx,
    `UPDATE review_items SET state = 'resolved', closed_at = coalesce(closed_at, now()), closed_by = :actor, decision = :choice,
       reason = :reason, result = :result, to_be_told = false
     WHERE id = :id AND (state = 'open' OR closed_by = 'system') RETURNING id`,
    { id, ...close },
  );
  return closed !== undefined;
}
