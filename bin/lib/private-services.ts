import { createPostgres, type PostgresServer } from './postgres.ts';
import { phase } from './progress.ts';
import { createRedis, type RedisServer } from './redis.ts';
import type { Run } from './runs.ts';

export type Services = { databaseUrl: string; redisUrl: string };

export type ServicesOptions = {
  /** Keep data through a crash of the machine (demo, benchmarks) or be fast (tests). */
  durable: boolean;
  /** Given: used instead of a private one. */
  given: { databaseUrl?: string | undefined; redisUrl?: string | undefined };
};

/** The Postgres and Redis of a run: those that were given, else private ones on free ports. */
export async function startServices(run: Run, { durable, given }: ServicesOptions): Promise<Services> {
  const describe = (server: PostgresServer | RedisServer) => `${server.version} on ${new URL(server.url).host}`;
  const databaseUrl =
    given.databaseUrl ?? (await phase('Postgres', () => createPostgres(run, 'postgres', { durable }), describe)).url;
  const redisUrl = given.redisUrl ?? (await phase('Redis', (say) => createRedis(run, 'redis', say), describe)).url;
  return { databaseUrl, redisUrl };
}

/** What the shell names as the stores to use; an empty value counts as none. */
export function givenServices(): ServicesOptions['given'] {
  return { databaseUrl: process.env.DATABASE_URL || undefined, redisUrl: process.env.REDIS_URL || undefined };
}
