import type { JobsOptions } from 'bullmq';
import { z } from 'zod';

/**
 * The job of one stored Stripe event. Its id is the event's id, its name the event's type (for whoever reads Bull Board);
 * its data holds the id alone: what happened is in Postgres.
 */
export const stripeEventJob = z.strictObject({ eventId: z.string().regex(/^evt_[A-Za-z0-9_]+$/) });
export type StripeEventJob = z.output<typeof stripeEventJob>;

/** About three hours in all: 1 s, 2 s, 4 s … up to 15 min, each shortened by chance down to a half. */
export const ATTEMPTS = 20;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 15 * 60_000;

/** @param attempt 1 after the first failure; @param chance 0 to 1 */
export function retryDelay(attempt: number, chance: number): number {
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
  return Math.round(delay * (1 - chance / 2));
}

/** In every job, so no more than must be there; how long jobs are kept is the worker's to say. */
export const stripeEventJobOptions: JobsOptions = { attempts: ATTEMPTS, backoff: { type: 'custom' } };

/** Kept for Bull Board; that an event is done once does not depend on it. */
export const keptJobs = {
  removeOnComplete: { age: 24 * 3600, count: 10_000 },
  removeOnFail: { age: 30 * 24 * 3600 },
} as const;
