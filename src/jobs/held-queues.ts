import type { Queue } from 'bullmq';
import type { QueueName } from './queues.ts';

/**
 * Queues that somebody has slowed down or stopped. It stands in Redis, so no restart ends it, and nothing of the product does it: a pause
 * after Stripe's 429 lasts for seconds.
 */
export interface HeldQueue {
  readonly queue: QueueName;
  /** e.g. `is paused` */
  readonly how: string;
}

const LONGEST_OWN_PAUSE_MS = 10 * 60_000;

/** @returns how this one is held; undefined when it is not */
export async function howHeld(queue: Queue): Promise<string | undefined> {
  const [{ paused, concurrency, max, duration }, ttl] = await Promise.all([queue.getMeta(), queue.getRateLimitTtl()]);
  if (paused) return 'is paused';
  if (ttl > LONGEST_OWN_PAUSE_MS) return `takes no job for ${inHours(ttl)}`;
  if (max !== undefined && duration !== undefined) return `takes ${max} jobs in ${inSeconds(duration)} at the most`;
  if (concurrency !== undefined) return `takes ${concurrency} jobs at a time at the most`;
  return undefined;
}

/** What is to be said of it, with what to do. */
export function sentenceOf({ queue, how }: HeldQueue): string {
  return `The queue ${queue} ${how}. Let it go on: quittance queue resume ${queue}`;
}

/** Ends whatever holds it. @returns how it was held; undefined when it was not */
export async function releaseQueue(queue: Queue): Promise<string | undefined> {
  const how = await howHeld(queue);
  if (how === undefined) return undefined;
  await queue.removeGlobalRateLimit();
  await queue.removeGlobalConcurrency();
  await queue.removeRateLimitKey();
  // Last: from here on jobs are taken.
  await queue.resume();
  return how;
}

function inSeconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

function inHours(ms: number): string {
  return `${Math.round(ms / 3_600_000)} h`;
}
