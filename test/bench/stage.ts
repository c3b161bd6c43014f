import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { buildWhenStale } from '../../bin/lib/build.ts';
import { createPostgres } from '../../bin/lib/postgres.ts';
import { type Program, type Running, runProgram, startProgram } from '../../bin/lib/processes.ts';
import { phase } from '../../bin/lib/progress.ts';
import { createRedis } from '../../bin/lib/redis.ts';
import { createRun, endRun, processesOf } from '../../bin/lib/runs.ts';

/** Where a benchmark plays: private stores with fsync, ended afterwards whatever happens. */
export type Stage = {
  databaseUrl: string;
  redisUrl: string;
  postgresPid: number;
  redisPid: number;
  start(program: Program): Promise<Running>;
  /** A database of its own beside the first one, migrated. */
  newDatabase(): Promise<string>;
};

export async function onStage(play: (stage: Stage) => Promise<void>): Promise<void> {
  await phase('Build', () => buildWhenStale(), String);
  const run = createRun('test');
  try {
    const postgres = await phase('Postgres', () => createPostgres(run, 'postgres', { durable: true }));
    const redis = await phase('Redis', () => createRedis(run, 'redis'));
    const pidOf = (name: string): number => processesOf(run).find((each) => each.name === name)?.pid ?? 0;
    await play({
      databaseUrl: postgres.url,
      redisUrl: redis.url,
      postgresPid: pidOf('postgres'),
      redisPid: pidOf('redis'),
      start: (program) => startProgram(run, program),
      async newDatabase() {
        const name = `bench_${randomBytes(4).toString('hex')}`;
        const admin = new pg.Client({ connectionString: postgres.url });
        await admin.connect();
        await admin.query(`CREATE DATABASE ${name}`);
        await admin.end();
        const url = new URL(postgres.url);
        url.pathname = `/${name}`;
        runProgram('dist/db/migrate.js', [], { DATABASE_URL: url.href });
        return url.href;
      },
    });
  } finally {
    await endRun(run);
  }
}
