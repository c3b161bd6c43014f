import pg from 'pg';
import { line, phase } from '../../bin/lib/progress.ts';
import { seed, sizeFor } from './growth-seed.ts';
import { report } from './ingest-report.ts';
import { processorSeconds, withChildren } from './processor-time.ts';
import { withSignedEvents } from './signed-events.ts';
import type { Stage } from './stage.ts';
import { load } from './wrk.ts';

/**
 * The receiver against a bare Express app that only verifies (the upper bound) and the handlers of the field. The contenders
 * take turns, round by round, so that a noisy moment hits all of them; the figures are medians over the rounds.
 */
export type IngestOptions = {
  readonly rounds: number;
  /** Events per contender, round and number of connections. */
  readonly requests: number;
  readonly connections: readonly number[];
};

/** Figures of one contender in one round. */
export type Round = {
  /** Processor time per event in microseconds. */
  readonly server: number;
  readonly stores: number;
  /** Events per second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
};

/** By number of connections, then by contender. */
export type Figures = ReadonlyMap<number, ReadonlyMap<string, Round[]>>;

const SECRET = 'whsec_benchmark';
const contenders = [
  { name: 'verify-only', file: 'test/bench/contenders.ts', words: ['verify-only'] },
  { name: 'textbook', file: 'test/bench/contenders.ts', words: ['textbook'] },
  { name: 'queue-backed', file: 'test/bench/contenders.ts', words: ['queue-backed'] },
  { name: 'Quittance', file: 'dist/src/api/main.js', words: [] },
];

/** @param stored how many events are stored before the first comes */
export async function ingestAt(stage: Stage, stored: number, options: IngestOptions): Promise<string> {
  const database = await stage.newDatabase();
  if (stored > 0) await phase('Seed', () => seed(database, sizeFor(stored)));
  return ingest(stage, database, options);
}

async function ingest(stage: Stage, database: string, options: IngestOptions): Promise<string> {
  const env = {
    DATABASE_URL: database,
    REDIS_URL: stage.redisUrl,
    STRIPE_SECRET_KEY: 'sk_test_benchmark',
    STRIPE_WEBHOOK_SECRETS: SECRET,
    PORT: '0',
  };
  const storedBefore = await storedEvents(database);
  const started = [];
  for (const contender of contenders) started.push({ ...contender, server: await stage.start({ ...contender, env }) });

  const figures = new Map(
    options.connections.map((connections) => [
      connections,
      new Map(contenders.map(({ name }) => [name, [] as Round[]])),
    ]),
  );
  let answered = 0;
  // The first round warms up and is thrown away.
  for (let round = 0; round <= options.rounds; round += 1) {
    for (const [connections, byName] of figures) {
      for (const { name, server } of started) {
        const measured = await measure(stage, server, options.requests, connections);
        line(
          `  round ${round} of ${options.rounds}  ${String(connections).padStart(3)} connections  ${told(name, measured)}`,
        );
        if (round > 0) byName.get(name)?.push(measured);
        if (name === 'Quittance') answered += measured.answers;
      }
    }
  }
  const stored = (await storedEvents(database)) - storedBefore;
  if (stored < answered) throw new Error(`${answered} events were answered with 200, and only ${stored} are stored`);
  await Promise.all(started.map(({ server }) => server.stop()));
  return report(figures, options);
}

async function measure(
  stage: Stage,
  server: { url: string; pid: number },
  count: number,
  connections: number,
): Promise<Round & { answers: number }> {
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

function told(name: string, { server, stores, rate }: Round): string {
  return `${name.padEnd(12)} ${rate.toFixed(0).padStart(6)} events/s, ${server.toFixed(0)} + ${stores.toFixed(0)} µs`;
}

async function storedEvents(database: string): Promise<number> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM stripe_events');
    return Number(rows[0]?.count);
  } finally {
    await client.end();
  }
}
