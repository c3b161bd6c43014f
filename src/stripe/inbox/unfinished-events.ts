import { type Db, firstRow } from '../../platform/db.ts';

/** Events without an outcome: how much work waits, and since when. What is left to a newer release is told apart. */
export interface UnfinishedEvents {
  /** At most `COUNTED_AT_MOST`: then that many or more. */
  readonly count: number;
  /** Those among them whose last attempt failed. */
  readonly failing: number;
  readonly lagSeconds: number;
  /** Left to a newer release, among the oldest `COUNTED_AT_MOST`. */
  readonly awaitingRelease: number;
}

/** When nobody works for days, looking at what waits must not become work of its own. */
export const COUNTED_AT_MOST = 20_000;

export async function unfinishedEvents(db: Db): Promise<UnfinishedEvents> {
  const row = await firstRow<UnfinishedEvents>(
    db,
    `SELECT count(*) FILTER (WHERE NOT left_alone) AS count,
            count(*) FILTER (WHERE NOT left_alone AND last_error IS NOT NULL) AS failing,
            coalesce(extract(epoch FROM now() - min(received_at) FILTER (WHERE NOT left_alone)), 0)::integer AS "lagSeconds",
            count(*) FILTER (WHERE left_alone) AS "awaitingRelease"
     FROM (SELECT received_at, last_error, awaits_release_since IS NOT NULL AS left_alone
           FROM stripe_events WHERE outcome IS NULL ORDER BY received_at LIMIT :most) AS oldest`,
    { most: COUNTED_AT_MOST },
  );
  return row ?? { count: 0, failing: 0, lagSeconds: 0, awaitingRelease: 0 };
}

/** Age in seconds of the oldest event that waits for a worker of this release; 0 when there is none. */
export async function lagSeconds(db: Db): Promise<number> {
  const row = await firstRow<{ seconds: number }>(
    db,
    `SELECT coalesce(extract(epoch FROM now() - min(received_at)), 0)::integer AS seconds
     FROM stripe_events WHERE outcome IS NULL AND awaits_release_since IS NULL`,
  );
  return row?.seconds ?? 0;
}
