import { createHash, randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../../platform/db.ts';

/**
 * The table `submitted_forms`: a form that makes something carries a token of its page, and is done once per token. A page
 * that is sent twice (a double click, a reload, a proxy that tries again) lands on what the first one made.
 */
export interface SubmittedForm {
  /** Undefined: a page of an older release. It is done each time that it is sent. */
  readonly token: string | undefined;
  readonly admin: number;
  /** What was typed, as text. */
  readonly content: string;
}

export type Submitted =
  | { readonly end: 'done'; readonly landedOn: string }
  /** The page was sent before, with something else in it: nothing was done now. */
  | { readonly end: 'other_content'; readonly landedOn: string };

export const newFormToken = randomUUID;

/** The token that came with the page, to go out with it again as long as nothing was done. */
export function formToken(sent: string): string | undefined {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(sent) ? sent : undefined;
}

/**
 * One transaction holds the work and the token. When it is rolled back, the token is as good as new; who sends the same page
 * meanwhile waits for its end.
 * @param work gives the path of what it has made
 */
export async function doneOnce(
  db: Db,
  { token, admin, content }: SubmittedForm,
  work: (trx: Knex.Transaction) => Promise<string>,
): Promise<Submitted> {
  return db.transaction(async (trx): Promise<Submitted> => {
    if (token === undefined) return { end: 'done', landedOn: await work(trx) };
    const form = { token, admin, hash: createHash('sha256').update(content).digest('base64') };
    const mine = await firstRow(
      trx,
      `INSERT INTO submitted_forms (token, admin_id, content_hash) VALUES (:token, :admin, :hash)
       ON CONFLICT ON CONSTRAINT submitted_forms_once DO NOTHING RETURNING token`,
      form,
    );
    if (!mine) return firstOf(trx, form);
    const landedOn = await work(trx);
    await rows(trx, 'UPDATE submitted_forms SET landed_on = :landedOn WHERE admin_id = :admin AND token = :token', {
      ...form,
      landedOn,
    });
    return { end: 'done', landedOn };
  });
}

async function firstOf(
  trx: Knex.Transaction,
  form: { readonly token: string; readonly admin: number; readonly hash: string },
): Promise<Submitted> {
  const first = await firstRow<{ same: boolean; landed_on: string | null }>(
    trx,
    'SELECT content_hash = :hash AS same, landed_on FROM submitted_forms WHERE admin_id = :admin AND token = :token',
    form,
  );
  if (!first?.landed_on) throw new Error('Bug: a form was sent, and led nowhere');
  return { end: first.same ? 'done' : 'other_content', landedOn: first.landed_on };
}
