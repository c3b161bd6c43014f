import { type Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { jobAdder, MOST_PER_SCRIPT } from './add-jobs-script.ts';
import { type HeldQueue, howHeld, releaseQueue } from './held-queues.ts';
import { MESSAGE_QUEUE, messageJobId, messageJobOptions } from './message.ts';
import { perQueue, QUEUES, type QueueName } from './queues.ts';
import { stripeEventJobOptions } from './stripe-event.ts';

/**
 * The one way to enqueue. A job is only a signal: whoever can't send it now (Redis is away) says so at once, and the
 * sweeper sends it later.
 */
export interface EventSignal {
  readonly id: string;
  readonly type: string;
  readonly queue: QueueName;
}

export interface JobQueues {
  readonly queues: Record<QueueName, Queue>;
  /** Adds the jobs; ids that are there already, in any state, are left alone. Rejects at once when Redis is away. */
  enqueue(events: readonly EventSignal[]): Promise<void>;
  /** Adds one job per try to send a message. Rejects at once when Redis is away. */
  enqueueMessages(messages: readonly { readonly id: string; readonly attempts: number }[]): Promise<void>;
  /**
   * Makes sure that each event has a job that will run: a missing one is added, one that failed or completed without the
   * event getting its outcome is started anew with all its attempts.
   * @returns how many jobs were added or started anew
   */
  ensureRunning(events: readonly EventSignal[]): Promise<number>;
  /** Those that somebody has paused or throttled. Rejects at once when Redis is away. */
  held(): Promise<HeldQueue[]>;
  /** Lets a queue go on. @returns how it was held; undefined when it was not */
  release(name: QueueName): Promise<string | undefined>;
  /** Jobs by queue and state. Rejects at once when Redis is away. */
  counts(): Promise<Record<QueueName, Record<string, number>>>;
  close(): Promise<void>;
}

/** @param redis a signal connection: one whose commands fail rather than wait */
export function jobQueues(redis: Redis, prefix: string, onError: (error: Error) => void): JobQueues {
  const queues = perQueue((name) => {
    const queue = new Queue(name, {
      connection: redis,
      prefix,
      defaultJobOptions: stripeEventJobOptions,
      // It would ask for the version once, and when that times out fail for ever after. Workers check it.
      skipVersionCheck: true,
    });
    queue.on('error', onError);
    return queue;
  });

  /** Before every use: a queue whose connection has never been ready would wait for it, without end. */
  function needRedis(): void {
    if (redis.status !== 'ready') throw new Error('Redis is not reachable');
  }

  const addJobs = jobAdder(redis, JSON.stringify(stripeEventJobOptions));

  async function enqueue(events: readonly EventSignal[]): Promise<void> {
    needRedis();
    const byQueue = Map.groupBy(events, ({ queue }) => queue);
    await Promise.all(
      [...byQueue].map(async ([queue, signals]) => {
        for (let first = 0; first < signals.length; first += MOST_PER_SCRIPT) {
          await addJobs(queues[queue].toKey(''), signals.slice(first, first + MOST_PER_SCRIPT));
        }
      }),
    );
  }

  /** By BullMQ itself: the sweeper's road must not be the one that failed. */
  async function addMissing(events: readonly EventSignal[]): Promise<void> {
    const byQueue = Map.groupBy(events, ({ queue }) => queue);
    for (const [queue, signals] of byQueue) {
      await queues[queue].addBulk(
        signals.map(({ id, type }) => ({ name: type, data: { eventId: id }, opts: { jobId: id } })),
      );
    }
  }

  async function ensureRunning(events: readonly EventSignal[]): Promise<number> {
    needRedis();
    const missing: EventSignal[] = [];
    let restarts = 0;
    for (const event of events) {
      const job = await queues[event.queue].getJob(event.id);
      const state = await job?.getState();
      if (!job || state === 'unknown') missing.push(event);
      else if (state === 'failed' || state === 'completed') {
        if (await restarted(job, state)) restarts += 1;
      }
    }
    if (missing.length > 0) await addMissing(missing);
    return missing.length + restarts;
  }

  return {
    queues,
    enqueue,
    async enqueueMessages(messages) {
      needRedis();
      await queues[MESSAGE_QUEUE].addBulk(
        messages.map(({ id, attempts }) => ({
          name: 'send',
          data: { messageId: id },
          opts: { ...messageJobOptions, jobId: messageJobId(id, attempts) },
        })),
      );
    },
    ensureRunning,
    async held() {
      needRedis();
      const looked = await Promise.all(QUEUES.map(async (queue) => ({ queue, how: await howHeld(queues[queue]) })));
      return looked.flatMap(({ queue, how }) => (how ? [{ queue, how }] : []));
    },
    async release(name) {
      needRedis();
      return releaseQueue(queues[name]);
    },
    async counts() {
      needRedis();
      const counts = perQueue<Record<string, number>>(() => ({}));
      const count = async (name: QueueName) => {
        counts[name] = await queues[name].getJobCounts('waiting', 'active', 'delayed', 'failed');
      };
      await Promise.all(QUEUES.map(count));
      return counts;
    },
    async close() {
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
    },
  };
}

/** False when somebody else (another sweeper, a person at the console) has started or removed it since its state was read. */
async function restarted(job: Job, state: 'failed' | 'completed'): Promise<boolean> {
  try {
    await job.retry(state, { resetAttemptsMade: true });
    return true;
  } catch (error) {
    if ((await job.getState()) === state) throw error;
    return false;
  }
}
