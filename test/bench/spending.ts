import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { processorSeconds, withChildren } from './processor-time.ts';
import type { Stage } from './stage.ts';

/** What work costs: processor time of who does it and of the stores, transactions and commands. */

/** Of all payments together; processor time in seconds. */
export interface Spent {
  readonly workers: number;
  readonly stores: number;
  readonly transactions: number;
  readonly commands: number;
}

/** Counts from now on. @returns asks what was spent; the few statements of the benchmark itself are among it */
export async function spendingOn(stage: Stage, database: string): Promise<(workers: number[]) => Promise<Spent>> {
  const redis = new Redis(stage.redisUrl);
  const look = async (workers: number[]): Promise<Spent> => ({
    workers: processorSeconds(workers),
    stores: processorSeconds([...withChildren(stage.postgresPid), stage.redisPid]),
    transactions: await transactionsOf(database),
    commands: Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1]),
  });
  const before = await look([]);
  return async (workers) => {
    // Sessions tell their numbers a second later.
    await sleep(2_000);
    const after = await look(workers);
    redis.disconnect();
    return {
      workers: after.workers,
      stores: after.stores - before.stores,
      transactions: after.transactions - before.transactions,
      commands: after.commands - before.commands,
    };
  };
}

async function transactionsOf(database: string): Promise<number> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  const { rows } = await client.query<{ count: string }>(
    'SELECT xact_commit AS count FROM pg_stat_database WHERE datname = current_database()',
  );
  await client.end();
  return Number(rows[0]?.count);
}
