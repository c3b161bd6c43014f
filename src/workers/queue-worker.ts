import { hostname } from 'node:os';
import { DelayedError, type Job, RateLimitError, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Deps } from '../billing/deps.ts';
import type { QueueName } from '../jobs/queues.ts';
import { ATTEMPTS, retryDelay, stripeEventJob } from '../jobs/stripe-event.ts';
import { messageOf } from '../platform/log.ts';
import { handleStripeEvent } from './stripe-event.ts';

/** One BullMQ worker on one queue. It knows how verdicts are said to BullMQ, and nothing about events. */
export interface QueueWorkerOptions {
  readonly queue: QueueName;
  readonly connection: Redis;
  readonly prefix: string;
  readonly concurrency: number;
}

/** Long enough that a busy machine does not lose its jobs; a killed worker's jobs come back after at most this. */
const LOCK_MS = 30_000;
/** BullMQ fails a job that stalled more often, whatever its attempts: far above what crashes alone can reach. */
const MAX_STALLED = 20;

export function queueWorker({ queue, connection, prefix, concurrency }: QueueWorkerOptions, deps: Deps): Worker {
  const name = `${hostname()}:${process.pid}:${queue}`;

  async function run(job: Job, token?: string): Promise<void> {
    const { eventId } = stripeEventJob.parse(job.data);
    const lastAttempt = job.attemptsMade + 1 >= (job.opts.attempts ?? ATTEMPTS);
    const end = await handleStripeEvent({ eventId, worker: name, lastAttempt }, deps);
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
    maxStalledCount: MAX_STALLED,
    settings: { backoffStrategy: (attemptsMade) => retryDelay(attemptsMade, Math.random()) },
  });
  worker.on('error', (error) => deps.log.warn('queue worker', { queue, error: messageOf(error) }));
  return worker;
}
