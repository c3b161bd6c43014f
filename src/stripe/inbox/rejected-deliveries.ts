import type pg from 'pg';

/**
 * Refused requests leave a record too, but forged ones can come by the million: the first few of each minute and process
 * get a row each, the rest of that minute is counted: a row for each second and reason. Written in the background, never
 * awaited by an answer.
 */
const ROWS_PER_MINUTE = 20;
const FLUSH_EVERY_MS = 1_000;

export interface RejectedDeliveries {
  note(reason: string): void;
  /** Writes what is gathered; called on a timer, and once at the end. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export function rejectedDeliveries(pool: pg.Pool, onError: (error: unknown) => void): RejectedDeliveries {
  let minute = 0;
  let rowsOfMinute = 0;
  let single: { reason: string; at: Date }[] = [];
  const surplus = new Map<string, number>();

  async function flush(): Promise<void> {
    const records = [
      ...single.map(({ reason, at }) => ({ reason, at, requests: 1 })),
      ...[...surplus].map(([reason, requests]) => ({ reason: `${reason} (counted)`, at: new Date(), requests })),
    ];
    if (records.length === 0) return;
    single = [];
    surplus.clear();
    try {
      await pool.query(
        `INSERT INTO webhook_deliveries (verdict, received_at, reason, requests)
         SELECT 'rejected', * FROM unnest($1::timestamptz[], $2::text[], $3::integer[])`,
        [records.map(({ at }) => at), records.map(({ reason }) => reason), records.map(({ requests }) => requests)],
      );
    } catch (error) {
      // Postgres is away: the answers were 4xx all the same; the counts of this second are the price.
      onError(error);
    }
  }

  const timer = setInterval(() => void flush(), FLUSH_EVERY_MS);
  timer.unref();
  return {
    note(reason) {
      const now = new Date();
      const thisMinute = Math.floor(now.getTime() / 60_000);
      if (thisMinute !== minute) {
        minute = thisMinute;
        rowsOfMinute = 0;
      }
      if (rowsOfMinute < ROWS_PER_MINUTE) {
        rowsOfMinute += 1;
        single.push({ reason, at: now });
      } else {
        surplus.set(reason, (surplus.get(reason) ?? 0) + 1);
      }
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
