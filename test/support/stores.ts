import { createPostgres, type PostgresServer } from '../../bin/lib/postgres.ts';
import { createRedis, type RedisServer } from '../../bin/lib/redis.ts';
import { releaseAfterFile } from './clean-up.ts';
import { until } from './eventually.ts';
import { testRun, uniqueName } from './run.ts';

export type PrivatePostgres = PostgresServer & {
  /** Stops and starts it on the same port. SIGINT (default) is an orderly restart, SIGKILL a crash. */
  restart(signal?: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): Promise<void>;
};

/** A Postgres of this test alone, to be restarted or killed; with fsync, as in production. */
export async function startPrivatePostgres(): Promise<PrivatePostgres> {
  const server = await createPostgres(testRun(), uniqueName('postgres'), { durable: true });
  releaseAfterFile(() => server.stop({ signal: 'SIGQUIT' }));
  const restart = async (signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL' = 'SIGINT') => {
    await server.stop({ signal });
    // The children of a killed Postgres hold its shared memory for a moment longer.
    await until(() => server.start().then(() => true), { interval: 100, what: 'Postgres starts again' });
  };
  return { ...server, restart };
}

export type PrivateRedis = RedisServer & {
  /** Hangs it: it keeps its connections and answers nothing. */
  pause(): void;
  resume(): void;
  /** A crash. `start` brings it back with what its append-only file holds. */
  kill(): Promise<void>;
};

/** A Redis of this test alone, to be paused or killed. */
export async function startPrivateRedis(): Promise<PrivateRedis> {
  const server = await createRedis(testRun(), uniqueName('redis'));
  releaseAfterFile(() => server.stop());
  return {
    ...server,
    pause: () => process.kill(server.pid(), 'SIGSTOP'),
    resume: () => process.kill(server.pid(), 'SIGCONT'),
    kill: () => server.stop({ signal: 'SIGKILL' }),
  };
}
