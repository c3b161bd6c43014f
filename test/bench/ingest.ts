import { Redis } from 'ioredis';
import { line, phase } from '../../bin/lib/progress.ts';
import { seed, sizeFor } from './growth-seed.ts';
import { report } from './ingest-report.ts';
import { checkpoint, measure, type Round, SECRET, storedEvents } from './ingest-round.ts';
import type { Stage } from './stage.ts';

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

/** By number of connections, then by contender. */
export type Figures = ReadonlyMap<number, ReadonlyMap<string, Round[]>>;

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
  const table = await ingest(stage, database, options);
  // Nobody worked on the jobs.
  const redis = new Redis(stage.redisUrl);
  await redis.flushall();
  redis.disconnect();
  return table;
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
  // The first round warms up and is thrown away; the checkpoint leaves Postgres its used log files, as after a day's work.
  for (let round = 0; round <= options.rounds; round += 1) {
    if (round === 1) await checkpoint(database);
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

function told(name: string, { server, stores, rate }: Round): string {
  return `${name.padEnd(12)} ${rate.toFixed(0).padStart(6)} events/s, ${server.toFixed(0)} + ${stores.toFixed(0)} µs`;
}
