import { type Db, rows } from '../../platform/db.ts';
import { COUNTED_AT_MOST } from './unfinished-events.ts';

/**
 * Events that a newer release has stored and this one does not know what to do with. While two releases run side by side
 * they have no outcome and are left alone by the older one (docs/decisions/0021-types-of-a-newer-release.md).
 */
export async function leaveToNewerRelease(db: Db, events: readonly string[]): Promise<void> {
  await rows(
    db,
    `UPDATE stripe_events SET awaits_release_since = now(), reason = :reason
     WHERE id = ANY (:events) AND outcome IS NULL AND awaits_release_since IS NULL`,
    { events: [...events], reason: 'left to a newer release, which knows this type' },
  );
}

export interface AwaitingType {
  readonly type: string;
  /** Among the oldest `COUNTED_AT_MOST` events without an outcome. */
  readonly events: number;
  /** Since when the first of them is left alone. */
  readonly since: Date;
  readonly hours: number;
}

/** By type, whoever waits longest first. */
export async function awaitingTypes(db: Db): Promise<AwaitingType[]> {
  return rows<AwaitingType>(
    db,
    `SELECT type, count(*) AS events, min(awaits_release_since) AS since,
            floor(extract(epoch FROM now() - min(awaits_release_since)) / 3600)::integer AS hours
     FROM (SELECT type, awaits_release_since FROM stripe_events WHERE outcome IS NULL ORDER BY received_at LIMIT ?) AS oldest
     WHERE awaits_release_since IS NOT NULL GROUP BY type ORDER BY since, type`,
    [COUNTED_AT_MOST],
  );
}

const BATCH = 500;

/** Ends what waits of this type as ignored, in portions. @returns how many events that were */
export async function ignoreAwaiting(db: Db, type: string, reason: string): Promise<number> {
  let ended = 0;
  for (;;) {
    const portion = await rows(
      db,
      `UPDATE stripe_events SET outcome = 'ignored', reason = :reason, outcome_at = now()
       WHERE id IN (SELECT id FROM stripe_events
                    WHERE outcome IS NULL AND awaits_release_since IS NOT NULL AND type = :type
                    ORDER BY received_at LIMIT :batch FOR UPDATE)
       RETURNING id`,
      { type, reason, batch: BATCH },
    );
    ended += portion.length;
    if (portion.length < BATCH) return ended;
  }
}
