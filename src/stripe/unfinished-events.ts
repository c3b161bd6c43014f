import { type Db, firstRow } from '../platform/db.ts';

/** Events without an outcome: how much work waits, and since when. */
export interface UnfinishedEvents {
  /** At most `COUNTED_AT_MOST`: then that many or more. */
  readonly count: number;
  /** Those among them whose last attempt failed. */
  readonly failing: number;
  readonly lagSeconds: number;
}

/** When nobody works for days, looking at what waits must not become work of its own. */
export const COUNTED_AT_MOST = 20_000;

export async function unfinishedEvents(db: Db): Promise<UnfinishedEvents> {
  const row = await firstRow<UnfinishedEvents>(
    db,
    `SELECT count(*), count(*) FILTER (WHERE last_error IS NOT NULL) AS failing,
            coalesce(extract(epoch FROM now() - min(received_at)), 0)::integer AS "lagSeconds"
     FROM (SELECT received_at, last_error FROM stripe_events WHERE outcome IS NULL ORDER BY received_at LIMIT :most) AS oldest`,
    { most: COUNTED_AT_MOST },
  );
  return row ?? { count: 0, failing: 0, lagSeconds: 0 };
}

/** Age in seconds of the oldest event without an outcome; 0 when there is none. Costs the same however many there are. */
export async function lagSeconds(db: Db): Promise<number> {
  const row = await firstRow<{ seconds: number }>(
    db,
    `SELECT coalesce(extract(epoch FROM now() - min(received_at)), 0)::integer AS seconds
     FROM stripe_events WHERE outcome IS NULL`,
  );
  return row?.seconds ?? 0;
}
