import { type Db, firstRow, rows } from '../../platform/db.ts';
import { NOBODY_LISTENS } from './inbox.ts';

/**
 * Gives events back to the workers that ended as ignored because nobody listened to their type then: they were stored, or
 * taken up, by a release that did not know it. What has any other outcome stays as it is, so this may be repeated.
 */
export interface Reopening {
  /** As they are stored: the type of snapshot events and that of their thin twins. */
  readonly types: readonly string[];
  readonly queue: string;
  /** Received since then. */
  readonly since: Date;
}

/** Blanked payloads (docs/operations.md, Retention) speak of nothing any more. */
const REOPENABLE = `type = ANY (:types) AND outcome = 'ignored' AND reason = :reason AND payload <> '{}'
  AND account = '' AND received_at >= :since`;

export async function countReopenable(db: Db, { types, since }: Reopening): Promise<number> {
  const row = await firstRow<{ events: number }>(
    db,
    `SELECT count(*) AS events FROM stripe_events WHERE ${REOPENABLE}`,
    { types: [...types], since, reason: NOBODY_LISTENS },
  );
  return row?.events ?? 0;
}

const BATCH = 500;

/** Portion by portion, each committed by itself. Yields how many have been reopened so far. */
export async function* reopen(db: Db, { types, queue, since }: Reopening): AsyncGenerator<number> {
  let reopened = 0;
  let after = '';
  for (;;) {
    const portion = await rows<{ id: string }>(
      db,
      `WITH portion AS (
         SELECT id FROM stripe_events WHERE ${REOPENABLE} AND id > :after ORDER BY id LIMIT :batch FOR UPDATE),
       opened AS (
         UPDATE stripe_events AS e
         SET outcome = NULL, reason = NULL, outcome_at = NULL, queue = :queue, swept_at = NULL,
             awaits_release_since = NULL
         FROM portion WHERE e.id = portion.id RETURNING e.id)
       SELECT id FROM opened ORDER BY id`,
      { types: [...types], since, queue, after, reason: NOBODY_LISTENS, batch: BATCH },
    );
    const last = portion.at(-1);
    if (!last) return;
    reopened += portion.length;
    after = last.id;
    yield reopened;
    if (portion.length < BATCH) return;
  }
}
