import { hostname } from 'node:os';
import { DelayedError, type Job, RateLimitError, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { QueueVerdict } from '../billing/retry-policy.ts';
import type { QueueName } from '../jobs/queues.ts';
import { keptJobs, retryDelay } from '../jobs/stripe-event.ts';
import { type Log, messageOf } from '../platform/log.ts';

/** One BullMQ worker on one queue. It knows how verdicts are said to BullMQ, and nothing about what the jobs are for. */
export interface QueueWorkerOptions {
  readonly queue: QueueName;
  readonly handle: JobHandler;
  readonly log: Log;
  readonly connection: Redis;
  readonly prefix: string;
  readonly concurrency: number;
}

/** A killed worker's jobs come back after at most a lock and one look. Renewed so often that a busy machine keeps its own. */
const LOCK_MS = 10_000;
const RENEW_EVERY_MS = 2_500;
const LOOK_FOR_STALLED_EVERY_MS = 5_000;
/** BullMQ fails a job that stalled more often, whatever its attempts: far above what crashes alone can reach. */
const MAX_STALLED = 20;

/** Undefined: the job is done. Otherwise the queue must act on the verdict. */
export type JobEnd = { readonly verdict: QueueVerdict; readonly error: unknown } | undefined;

/** @param worker who does it, for the record: host, process and queue */
export type JobHandler = (job: Job, worker: string) => Promise<JobEnd>;

export function queueWorker({ queue, handle, log, connection, prefix, concurrency }: QueueWorkerOptions): Worker {
  const name = `${hostname()}:${process.pid}:${queue}`;

  async function run(job: Job, token?: string): Promise<void> {
    const end = await handle(job, name);
    switch (end?.verdict.kind) {
      case undefined:
        return;
      case 'pause':
        await worker.rateLimit(end.verdict.ms);
        throw new RateLimitError();
      case 'later':
        await job.moveToDelayed(Date.now() + end.verdict.ms, token);
        throw new DelayedError();
      case 'review':
        throw new UnrecoverableError(messageOf(end.error));
      case 'retry':
        throw new Error(messageOf(end.error));
    }
  }

  const worker = new Worker(queue, run, {
    connection,
    prefix,
    concurrency,
    lockDuration: LOCK_MS,
    lockRenewTime: RENEW_EVERY_MS,
    stalledInterval: LOOK_FOR_STALLED_EVERY_MS,
    maxStalledCount: MAX_STALLED,
    ...keptJobs,
    settings: { backoffStrategy: (attemptsMade) => retryDelay(attemptsMade, Math.random()) },
  });
  worker.on('error', (error) => log.warn('queue worker', { queue, error: messageOf(error) }));
  return worker;
}
