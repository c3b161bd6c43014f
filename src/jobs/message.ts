import type { JobsOptions } from 'bullmq';
import { z } from 'zod';

/**
 * The job of one try to send one message. Its id is the message's id and the number of tries before, so each try has a job
 * of its own; when the next try is due is in Postgres, not in Redis.
 */
export const messageJob = z.strictObject({ messageId: z.uuid() });

export const MESSAGE_QUEUE = 'notifications';

/**
 * A job is gone when it has ended, however it ended: one that stayed behind, say because the database was away, would keep
 * its id taken, and the relay could not give the signal again. What became of each try is in `message_attempts`.
 */
export const messageJobOptions: JobsOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true };

export function messageJobId(message: string, attempts: number): string {
  return `${message}.${attempts}`;
}
