import type { Redis } from 'ioredis';
import { MIGRATIONS_TABLE } from '../../db/knexfile.ts';
import { migrationSource } from '../../db/migration-source.ts';
import { type Waiting, waitingMarks } from '../billing/agreement/marks.ts';
import type { JobQueues } from '../jobs/enqueue.ts';
import { sentenceOf } from '../jobs/held-queues.ts';
import { type Db, firstRow, rows } from '../platform/db.ts';
import { type Log, messageOf } from '../platform/log.ts';
import { awaitingTypes } from '../stripe/inbox/awaiting-release.ts';
import { lagSeconds as lagOf } from '../stripe/inbox/unfinished-events.ts';

/**
 * What `/readyz` says. Each check answers with `ok` or with a sentence that tells what to do. What went wrong in detail is in
 * the log: an error of the database names hosts, users and tables.
 */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, string>>;
  /** Age in seconds of the oldest event without an outcome; 0 when there is none. */
  readonly lagSeconds: number;
}

/** Events older than this without an outcome: workers are missing or failing. Shown, but no reason to refuse webhooks. */
const LAG_WARNING_SECONDS = 900;

export interface ReadinessDeps {
  readonly db: Db;
  readonly redis: Redis;
  readonly jobs: Pick<JobQueues, 'held'>;
  readonly log: Log;
}

/** @returns asks; a part that does not answer is logged once, and once more when it does again */
export function readinessOf({ db, redis, jobs, log }: ReadinessDeps): () => Promise<Readiness> {
  const failing = new Set<string>();
  async function check(part: string, sentence: string, question: () => Promise<string>): Promise<string> {
    try {
      const answer = await question();
      if (failing.delete(part)) log.info('a part is back', { part });
      return answer;
    } catch (error) {
      if (!failing.has(part)) log.warn('a part does not answer', { part, error: messageOf(error) });
      failing.add(part);
      return sentence;
    }
  }
  return () => readiness({ db, redis, jobs }, check);
}

type Check = (part: string, sentence: string, question: () => Promise<string>) => Promise<string>;

async function readiness({ db, redis, jobs }: Omit<ReadinessDeps, 'log'>, check: Check): Promise<Readiness> {
  const unknown = 'not known while the database does not answer';
  let lagSeconds = 0;
  const [database, migrations, redisCheck, queues, lagCheck, release, dependents] = await Promise.all([
    check('database', 'does not answer: look at Postgres, and at the log of this process', () =>
      rows(db, 'SELECT').then(() => 'ok'),
    ),
    check('migrations', unknown, () => migrationsCheck(db)),
    check('redis', 'does not answer: look at Redis, and at the log of this process', () => redisPolicy(redis)),
    check('queues', 'not known while Redis does not answer', () => queuesCheck(redis, jobs)),
    check('lag', unknown, async () => {
      lagSeconds = await lagOf(db);
      return lagSeconds > LAG_WARNING_SECONDS
        ? `the oldest unfinished event waits for ${lagSeconds} s: look at the workers`
        : 'ok';
    }),
    check('release', unknown, () => releaseCheck(db)),
    check('dependents', unknown, () => dependentsCheck(db)),
  ]);
  return {
    // Redis may be away, or a queue held: events are stored all the same and done later.
    ready: database === 'ok' && migrations === 'ok',
    checks: { database, migrations, redis: redisCheck, queues, lag: lagCheck, release, dependents },
    lagSeconds,
  };
}

async function migrationsCheck(db: Db): Promise<string> {
  const names = await migrationSource.getMigrations([]);
  const begun = await firstRow<{ table: string | null }>(db, 'SELECT to_regclass(?) AS table', [MIGRATIONS_TABLE]);
  const applied = begun?.table ? await rows<{ name: string }>(db, `SELECT name FROM ${MIGRATIONS_TABLE}`) : [];
  const missing = names.filter((name) => !applied.some((row) => row.name === name));
  return missing.length === 0 ? 'ok' : `${missing.length} migrations are not applied: npm run migrate`;
}

async function releaseCheck(db: Db): Promise<string> {
  const awaiting = await awaitingTypes(db);
  if (awaiting.length === 0) return 'ok';
  const events = awaiting.reduce((sum, each) => sum + each.events, 0);
  return `${events} events of types that this release does not know wait for a newer one: ${awaiting.map(({ type }) => type).join(', ')}`;
}

async function dependentsCheck(db: Db): Promise<string> {
  return (await waitingMarks(db)).map(failing).join('; ') || 'ok';
}

function failing({ dependent, count, seconds }: Waiting): string {
  return `${dependent} fails for ${count} records since ${seconds} s, and is tried again: look at the log of the maintenance worker`;
}

async function queuesCheck(redis: Redis, jobs: Pick<JobQueues, 'held'>): Promise<string> {
  if (redis.status !== 'ready') return 'not known while Redis does not answer';
  return (await jobs.held()).map(sentenceOf).join('; ') || 'ok';
}

async function redisPolicy(redis: Redis): Promise<string> {
  if (redis.status !== 'ready') return 'not reachable: events are stored, and enqueued when it is back';
  await redis.ping();
  try {
    const [, policy] = (await redis.config('GET', 'maxmemory-policy')) as [string, string];
    return policy === 'noeviction' ? 'ok' : `maxmemory-policy is ${policy}: set it to noeviction, or jobs get lost`;
  } catch {
    // Managed Redis often forbids CONFIG; its policy can't be checked from here.
    return 'ok';
  }
}
