import pg from 'pg';
import { processorSeconds, withChildren } from './processor-time.ts';
import { withSignedEvents } from './signed-events.ts';
import type { Stage } from './stage.ts';
import { load } from './wrk.ts';

export const SECRET = 'whsec_benchmark';

/** What one round of events cost, and how it went. */
export type Round = {
  /** Processor time per event in microseconds. */
  readonly server: number;
  readonly stores: number;
  /** Events per second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Events that were answered, with 200. */
  readonly answers: number;
};

/** Sends `count` fresh events over so many connections. */
export async function measure(
  stage: Stage,
  server: { url: string; pid: number },
  count: number,
  connections: number,
): Promise<Round> {
  return withSignedEvents({ secret: SECRET, count }, async (requests) => {
    const stores = () => processorSeconds([...withChildren(stage.postgresPid), stage.redisPid]);
    const before = { server: processorSeconds([server.pid]), stores: stores() };
    const { answers, seconds, p50, p99 } = await load(server.url, requests, connections);
    const perEvent = 1e6 / answers;
    return {
      answers,
      server: (processorSeconds([server.pid]) - before.server) * perEvent,
      stores: (stores() - before.stores) * perEvent,
      rate: answers / seconds,
      p50,
      p99,
    };
  });
}

export async function storedEvents(database: string): Promise<number> {
  const [row] = await query<{ count: string }>(database, 'SELECT count(*) FROM stripe_events');
  return Number(row?.count);
}

/** Leaves Postgres its used log files to write over, as after a day's work. */
export async function checkpoint(database: string): Promise<void> {
  await query(database, 'CHECKPOINT');
}

async function query<Row extends pg.QueryResultRow>(database: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
