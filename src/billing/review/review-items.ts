import type { Knex } from 'knex';
import { type Db, firstRow } from '../../platform/db.ts';

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

export async function askPerson(db: Db | Knex.Transaction, question: Question): Promise<void> {
  await firstRow(
    db,
    `INSERT INTO review_items (kind, subject, summary, details) VALUES (:kind, :subject, :summary, :details)
     ON CONFLICT (kind, subject) WHERE state = 'open'
     DO UPDATE SET seen_again_at = now(), summary = excluded.summary, details = excluded.details`,
    {
      kind: question.kind,
      subject: question.subject,
      summary: question.summary,
      details: JSON.stringify(question.details ?? {}),
    },
  );
}

/** The matter settled itself, e.g. a retry went through: nobody needs to look any more. */
export async function withdrawQuestion(
  db: Db | Knex.Transaction,
  question: Pick<Question, 'kind' | 'subject'>,
  reason: string,
): Promise<void> {
  await firstRow(
    db,
    `UPDATE review_items SET state = 'resolved', closed_at = now(), closed_by = 'system', reason = :reason
     WHERE kind = :kind AND subject = :subject AND state = 'open'`,
    { ...question, reason },
  );
}
