import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type JobQueues, jobQueues } from '../../src/jobs/enqueue.ts';
import { createLog } from '../../src/platform/log.ts';
import { signalConnection, workerConnection } from '../../src/platform/redis.ts';
import { until } from '../support/eventually.ts';
import { freshRedis } from '../support/redis.ts';
import { startPrivateRedis } from '../support/stores.ts';

const log = createLog('error');
const opened: { redis: Redis; jobs: JobQueues }[] = [];
afterAll(async () => {
  for (const { redis, jobs } of opened) {
    await jobs.close();
    redis.disconnect();
  }
});

function queuesOn(url: string): { redis: Redis; jobs: JobQueues } {
  const redis = signalConnection(url, log);
  const both = { redis, jobs: jobQueues(redis, 'test', () => {}) };
  opened.push(both);
  return both;
}

const signal = (id: string, queue: 'invoicing' | 'adjustments' = 'invoicing') =>
  ({ id, type: 'payment_intent.succeeded', queue }) as const;

/** Works off what is in the queue, with what `run` does, until the job has ended. */
async function work(url: string, jobs: JobQueues, id: string, run: () => Promise<void>): Promise<void> {
  const connection = workerConnection(url, log);
  const worker = new Worker('invoicing', run, { connection, prefix: 'test', settings: { backoffStrategy: () => -1 } });
  await until(async () => ['completed', 'failed'].includes((await jobs.queues.invoicing.getJobState(id)) ?? ''));
  await worker.close();
  connection.disconnect();
}

describe('with Redis', async () => {
  const { url, flush } = await freshRedis();
  const { redis, jobs } = queuesOn(url);
  beforeEach(async () => {
    await flush();
    await until(() => redis.status === 'ready');
  });
  const states = async (...ids: string[]) => Promise.all(ids.map((id) => jobs.queues.invoicing.getJobState(id)));

  test('each event becomes one job of its queue, named after the type, holding the id alone', async () => {
    await jobs.enqueue([signal('evt_1'), signal('evt_2', 'adjustments')]);
    const [job] = await jobs.queues.invoicing.getJobs();
    expect(job).toMatchObject({ id: 'evt_1', name: 'payment_intent.succeeded', data: { eventId: 'evt_1' } });
    expect(job?.opts).toMatchObject({ attempts: 20, backoff: { type: 'custom' } });
    expect(await jobs.queues.adjustments.getJobState('evt_2')).toBe('waiting');
  });

  test('an event enqueued again, also at the same time, stays one job', async () => {
    await Promise.all(Array.from({ length: 10 }, () => jobs.enqueue([signal('evt_1'), signal('evt_2')])));
    expect(await jobs.queues.invoicing.getJobCounts('waiting')).toEqual({ waiting: 2 });
  });

  test('a missing job is added, one that waits is left alone', async () => {
    await jobs.enqueue([signal('evt_1')]);
    expect(await jobs.ensureRunning([signal('evt_1'), signal('evt_2')])).toBe(1);
    expect(await states('evt_1', 'evt_2')).toEqual(['waiting', 'waiting']);
    expect(await jobs.ensureRunning([signal('evt_1'), signal('evt_2')])).toBe(0);
  });

  test('a job that failed is started anew with all its attempts', async () => {
    await jobs.enqueue([signal('evt_1')]);
    await work(url, jobs, 'evt_1', () => Promise.reject(new Error('no')));
    expect(await states('evt_1')).toEqual(['failed']);
    expect(await jobs.ensureRunning([signal('evt_1')])).toBe(1);
    expect(await states('evt_1')).toEqual(['waiting']);
    expect(await jobs.queues.invoicing.getJob('evt_1')).toMatchObject({ attemptsMade: 0 });
  });

  test('a job that completed while its event got no outcome is started anew', async () => {
    await jobs.enqueue([signal('evt_1')]);
    await work(url, jobs, 'evt_1', async () => {});
    expect(await states('evt_1')).toEqual(['completed']);
    await jobs.enqueue([signal('evt_1')]);
    expect(await states('evt_1')).toEqual(['completed']);
    expect(await jobs.ensureRunning([signal('evt_1')])).toBe(1);
    expect(await states('evt_1')).toEqual(['waiting']);
  });

  test('several sweepers at once start each job once', async () => {
    await jobs.enqueue([signal('evt_1'), signal('evt_2')]);
    await work(url, jobs, 'evt_1', () => Promise.reject(new Error('no')));
    const all = [signal('evt_1'), signal('evt_2'), signal('evt_3')];
    await Promise.all([jobs.ensureRunning(all), jobs.ensureRunning(all), jobs.ensureRunning(all)]);
    const counts = await jobs.queues.invoicing.getJobCounts('waiting', 'failed', 'active', 'delayed');
    expect(counts).toMatchObject({ active: 0, delayed: 0, failed: 0, waiting: 3 });
  });
});

describe('without Redis', () => {
  async function milliseconds(work: Promise<unknown>): Promise<number> {
    const began = performance.now();
    await expect(work).rejects.toThrow();
    return performance.now() - began;
  }

  test('that was never there: enqueueing fails at once, and succeeds when it is', async () => {
    const server = await startPrivateRedis();
    await server.stop();
    const { jobs } = queuesOn(server.url);
    for (const ask of [jobs.enqueue([signal('evt_1')]), jobs.ensureRunning([signal('evt_1')]), jobs.counts()]) {
      expect(await milliseconds(ask)).toBeLessThan(300);
    }
    await server.start();
    await until(() => jobs.enqueue([signal('evt_1')]).then(() => true));
    expect(await jobs.queues.invoicing.getJobState('evt_1')).toBe('waiting');
    expect(await jobs.counts()).toMatchObject({ invoicing: { waiting: 1, active: 0 }, adjustments: { waiting: 0 } });
  });

  test('that went away: both ways fail within milliseconds; one that hangs costs half a second', async () => {
    const server = await startPrivateRedis();
    const { redis, jobs } = queuesOn(server.url);
    await until(() => jobs.enqueue([signal('evt_1')]).then(() => true));
    server.pause();
    expect(await milliseconds(jobs.enqueue([signal('evt_2')]))).toBeLessThan(3_000);
    server.resume();
    await server.kill();
    await until(() => redis.status !== 'ready');
    expect(await milliseconds(jobs.enqueue([signal('evt_2')]))).toBeLessThan(300);
    expect(await milliseconds(jobs.ensureRunning([signal('evt_2')]))).toBeLessThan(300);
  });

  test('that hung while the queues were opened: they work when it answers again', async () => {
    const server = await startPrivateRedis();
    const redis = signalConnection(server.url, log);
    await until(() => redis.status === 'ready');
    server.pause();
    const jobs = jobQueues(redis, 'test', () => {});
    opened.push({ redis, jobs });
    await expect(jobs.enqueue([signal('evt_1')])).rejects.toThrow('Command timed out');
    server.resume();
    expect(await until(() => jobs.ensureRunning([signal('evt_1'), signal('evt_2')]))).toBeGreaterThan(0);
    expect(await jobs.queues.invoicing.getJobState('evt_2')).toBe('waiting');
  });
});
