import type { Redis } from 'ioredis';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { MIGRATIONS_TABLE } from '../../db/knexfile.ts';
import { migrationSource } from '../../db/migration-source.ts';
import type { JobQueues } from '../jobs/enqueue.ts';
import { QUEUES } from '../jobs/queues.ts';
import { type Db, firstRow, rows } from '../platform/db.ts';
import { messageOf } from '../platform/log.ts';

/** What `/readyz` and `/metrics` say. Each check answers with `ok` or with the one sentence that tells what to do. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, string>>;
  /** Age in seconds of the oldest event without an outcome; 0 when there is none. */
  readonly lagSeconds: number;
}

/** Events older than this without an outcome: workers are missing or failing. Shown, but no reason to refuse webhooks. */
const LAG_WARNING_SECONDS = 900;

export async function readiness(db: Db, redis: Redis): Promise<Readiness> {
  let lagSeconds = 0;
  const [database, migrations, redisCheck] = await Promise.all([
    check(async () => {
      lagSeconds = await lag(db);
      return 'ok';
    }),
    check(() => migrationsCheck(db)),
    check(() => redisPolicy(redis)),
  ]);
  const lagCheck =
    lagSeconds > LAG_WARNING_SECONDS
      ? `the oldest unfinished event waits for ${lagSeconds} s: look at the workers`
      : 'ok';
  return {
    // Redis may be away: events are stored all the same and enqueued later.
    ready: database === 'ok' && migrations === 'ok',
    checks: { database, migrations, redis: redisCheck, lag: lagCheck },
    lagSeconds,
  };
}

async function check(question: () => Promise<string>): Promise<string> {
  try {
    return await question();
  } catch (error) {
    return messageOf(error);
  }
}

async function migrationsCheck(db: Db): Promise<string> {
  const names = await migrationSource.getMigrations([]);
  const applied = await rows<{ name: string }>(db, `SELECT name FROM ${MIGRATIONS_TABLE}`);
  const missing = names.filter((name) => !applied.some((row) => row.name === name));
  return missing.length === 0 ? 'ok' : `${missing.length} migrations are not applied: npm run migrate`;
}

async function redisPolicy(redis: Redis): Promise<string> {
  await redis.ping();
  try {
    const [, policy] = (await redis.config('GET', 'maxmemory-policy')) as [string, string];
    return policy === 'noeviction' ? 'ok' : `maxmemory-policy is ${policy}: set it to noeviction, or jobs get lost`;
  } catch {
    // Managed Redis often forbids CONFIG; its policy can't be checked from here.
    return 'ok';
  }
}

async function lag(db: Db): Promise<number> {
  const row = await firstRow<{ seconds: number }>(
    db,
    `SELECT coalesce(extract(epoch FROM now() - min(received_at)), 0)::integer AS seconds
     FROM stripe_events WHERE outcome IS NULL`,
  );
  return row?.seconds ?? 0;
}

export function metrics(db: Db, jobs: JobQueues): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'quittance_' });
  new Gauge({
    name: 'quittance_events_unfinished',
    help: 'Stored events without an outcome',
    registers: [registry],
    async collect() {
      const row = await firstRow<{ count: number }>(db, 'SELECT count(*) FROM stripe_events WHERE outcome IS NULL');
      this.set(row?.count ?? 0);
    },
  });
  new Gauge({
    name: 'quittance_events_lag_seconds',
    help: 'Age of the oldest event without an outcome',
    registers: [registry],
    async collect() {
      this.set(await lag(db));
    },
  });
  new Gauge({
    name: 'quittance_events_24h',
    help: 'Events received in the last 24 hours by outcome',
    labelNames: ['outcome'],
    registers: [registry],
    async collect() {
      const counts = await rows<{ outcome: string; count: number }>(
        db,
        `SELECT coalesce(outcome, 'unfinished') AS outcome, count(*) FROM stripe_events
         WHERE received_at > now() - interval '24 hours' GROUP BY 1`,
      );
      for (const { outcome, count } of counts) this.set({ outcome }, count);
    },
  });
  new Gauge({
    name: 'quittance_review_items_open',
    help: 'Questions that wait for a person',
    registers: [registry],
    async collect() {
      const row = await firstRow<{ count: number }>(db, `SELECT count(*) FROM review_items WHERE state = 'open'`);
      this.set(row?.count ?? 0);
    },
  });
  new Gauge({
    name: 'quittance_jobs',
    help: 'Jobs by queue and state',
    labelNames: ['queue', 'state'],
    registers: [registry],
    async collect() {
      for (const queue of QUEUES) {
        const counts = await jobs.queues[queue].getJobCounts('waiting', 'active', 'delayed', 'failed');
        for (const [state, count] of Object.entries(counts)) this.set({ queue, state }, count);
      }
    },
  });
  return registry;
}
