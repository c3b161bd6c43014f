import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { ReviewItem } from './review-items.ts';

/**
 * Operators are told of each question once, and are not flooded: the first mail goes at once, and what is asked in the quarter of
 * an hour after it is gathered into the next one. A question waits in its own row to be told (`to_be_told`), so nothing
 * but its telling takes it off: no transaction that asks waits for another, and none that commits late is missed.
 */
export const GATHERED_MINUTES = 15;

/** Any number, but the same for all: only one process tells at a time, else two would each send a mail. */
const TELLING = 8_027_001;

/** Of one question that is told; all that are told together have the same `notice`. */
export interface Untold {
  readonly id: number;
  readonly notice: number;
}

/** Takes the questions whose turn it is to be told. The transaction must tell them, too. */
export async function takeUntold(trx: Knex.Transaction): Promise<Untold[]> {
  const mine = await firstRow<{ locked: boolean }>(trx, 'SELECT pg_try_advisory_xact_lock(?) AS locked', [TELLING]);
  if (!mine?.locked) return [];
  return rows<Untold>(
    trx,
    `UPDATE review_items SET to_be_told = false, told_at = now(),
            notice = (SELECT min(id) FROM review_items WHERE to_be_told AND state = 'open')
     WHERE to_be_told AND state = 'open' AND NOT EXISTS (
       SELECT FROM review_items WHERE told_at > now() - make_interval(mins => :minutes))
     RETURNING id, notice`,
    { minutes: GATHERED_MINUTES },
  );
}

/** What a mail about several questions tells of: those that are open still. */
export interface Told {
  readonly kinds: readonly { readonly kind: string; readonly count: number }[];
  readonly count: number;
  /** Who waits longest. */
  readonly first: readonly Pick<ReviewItem, 'id' | 'subject' | 'summary'>[];
}

export async function toldBy(db: Db, notice: number, most: number): Promise<Told> {
  const of = `FROM review_items WHERE notice = :notice AND state = 'open'`;
  const [kinds, first] = await Promise.all([
    rows<Told['kinds'][number]>(db, `SELECT kind, count(*) AS count ${of} GROUP BY kind ORDER BY count(*) DESC, kind`, {
      notice,
    }),
    rows<Told['first'][number]>(db, `SELECT id, subject, summary ${of} ORDER BY id LIMIT :most`, { notice, most }),
  ]);
  return { kinds, first, count: kinds.reduce((sum, { count }) => sum + count, 0) };
}
