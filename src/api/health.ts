import type { Redis } from 'ioredis';
import { MIGRATIONS_TABLE } from '../../db/knexfile.ts';
import { migrationSource } from '../../db/migration-source.ts';
import { type Db, firstRow, rows } from '../platform/db.ts';
import { messageOf } from '../platform/log.ts';
import { lagSeconds as lagOf } from '../stripe/unfinished-events.ts';

/** What `/readyz` says. Each check answers with `ok` or with the one sentence that tells what to do. */
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
  const [database, migrations, redisCheck, lagCheck] = await Promise.all([
    check(() => rows(db, 'SELECT').then(() => 'ok')),
    check(() => migrationsCheck(db)),
    check(() => redisPolicy(redis)),
    check(async () => {
      lagSeconds = await lagOf(db);
      return lagSeconds > LAG_WARNING_SECONDS
        ? `the oldest unfinished event waits for ${lagSeconds} s: look at the workers`
        : 'ok';
    }),
  ]);
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
  const begun = await firstRow<{ table: string | null }>(db, 'SELECT to_regclass(?) AS table', [MIGRATIONS_TABLE]);
  const applied = begun?.table ? await rows<{ name: string }>(db, `SELECT name FROM ${MIGRATIONS_TABLE}`) : [];
  const missing = names.filter((name) => !applied.some((row) => row.name === name));
  return missing.length === 0 ? 'ok' : `${missing.length} migrations are not applied: npm run migrate`;
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
