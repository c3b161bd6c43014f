import { knownTypes } from '../billing/stripe-events.ts';
import type { EventSignal, JobQueues } from '../jobs/enqueue.ts';
import { isQueueName } from '../jobs/queues.ts';
import type { Db } from '../platform/db.ts';
import { type Log, messageOf } from '../platform/log.ts';
import { leaveToNewerRelease } from '../stripe/inbox/awaiting-release.ts';
import { takeUnfinished } from '../stripe/inbox/events.ts';

/**
 * Finds stored events that have no outcome and makes sure that each has a job: Redis was away when the event came, or was
 * emptied, or a job failed in a way that left no outcome. Any number may run; they share the work row by row.
 */
export interface Sweeper {
  /** One round. @returns how many jobs were added or started anew */
  runOnce(): Promise<number>;
}

const BATCH = 500;

export function sweeper(db: Db, jobs: JobQueues, log: Log, afterSeconds: number): Sweeper {
  return {
    async runOnce() {
      const events = await takeUnfinished(db, { afterSeconds, limit: BATCH, knownTypes: knownTypes.all });
      const signals = events.flatMap(({ id, type, queue }): EventSignal[] =>
        isQueueName(queue) ? [{ id, type, queue }] : [],
      );
      const foreign = events.filter(({ queue }) => !isQueueName(queue)).map(({ id }) => id);
      if (foreign.length > 0) await leaveToNewerRelease(db, foreign);
      if (signals.length === 0) return 0;
      try {
        const started = await jobs.ensureRunning(signals);
        if (started > 0) log.info('sweeper enqueued events', { looked_at: signals.length, started });
        return started;
      } catch (error) {
        log.warn('sweeper could not enqueue', { events: signals.length, error: messageOf(error) });
        return 0;
      }
    },
  };
}
