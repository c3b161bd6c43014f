import { once } from 'node:events';
import { recordAudit } from '../billing/desk/audit-log.ts';
import { openDeps } from '../billing/open-deps.ts';
import { type JobQueues, jobQueues } from '../jobs/enqueue.ts';
import { isQueueName, QUEUES } from '../jobs/queues.ts';
import { loadConfig } from '../platform/config.ts';
import type { Db } from '../platform/db.ts';
import { operator } from './on-database.ts';
import type { Terminal } from './terminal.ts';

export async function list(terminal: Terminal): Promise<void> {
  await onQueues(terminal, async (jobs) => {
    const [counts, held] = await Promise.all([jobs.counts(), jobs.held()]);
    for (const queue of QUEUES) {
      const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts[queue];
      const how = held.find((one) => one.queue === queue)?.how;
      const end = how ? `  HELD: it ${how}` : '';
      terminal.say(`${queue}  ${waiting} waiting, ${active} active, ${delayed} delayed, ${failed} failed${end}`);
    }
  });
}

export async function resume(terminal: Terminal, name: string, { reason }: { reason: string }): Promise<void> {
  if (!isQueueName(name)) throw new Error(`There is no queue ${name}. Queues: ${QUEUES.join(', ')}.`);
  await onQueues(terminal, async (jobs, db) => {
    const held = (await jobs.held()).find(({ queue }) => queue === name);
    if (!held) return terminal.say(`${name} is not held: nothing was changed.`);
    await recordAudit(db, {
      actor: operator(),
      action: 'queue.resume',
      subject: `queue:${name}`,
      reason,
      details: { was: held.how },
    });
    await jobs.release(name);
    terminal.say(`${name} goes on.`);
  });
}

const REDIS_TIMEOUT_MS = 5_000;

async function onQueues({ env }: Terminal, work: (jobs: JobQueues, db: Db) => Promise<void>): Promise<void> {
  const config = loadConfig(env);
  const opened = openDeps({ ...config, LOG_LEVEL: 'error' }, { name: 'cli', connections: 2 });
  const jobs = jobQueues(opened.redis, config.QUEUE_PREFIX, () => {});
  try {
    await ready(opened.redis);
    await work(jobs, opened.deps.db);
  } finally {
    await jobs.close();
    await opened.close();
  }
}

async function ready(redis: ReturnType<typeof openDeps>['redis']): Promise<void> {
  if (redis.status === 'ready') return;
  try {
    await once(redis, 'ready', { signal: AbortSignal.timeout(REDIS_TIMEOUT_MS) });
  } catch (error) {
    throw new Error('Redis (REDIS_URL) does not answer: the queues are there.', { cause: error });
  }
}
