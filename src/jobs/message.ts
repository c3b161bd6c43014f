import type { JobsOptions } from 'bullmq';
import { z } from 'zod';

/**
 * The job of one try to send one message. Its id is the message's id and the number of tries before, so each try has a job
 * of its own; when the next try is due is in Postgres, not in Redis.
 */
export const messageJob = z.strictObject({ messageId: z.uuid() });

export const MESSAGE_QUEUE = 'notifications';

export const messageJobOptions: JobsOptions = {
  attempts: 1,
  removeOnComplete: { age: 3_600, count: 1_000 },
  removeOnFail: { age: 7 * 24 * 3600, count: 10_000 },
};

export function messageJobId(message: string, attempts: number): string {
  return `${message}.${attempts}`;
}
