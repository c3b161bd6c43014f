import { setTimeout as sleep } from 'node:timers/promises';
import { BusyError, NotYetError } from './errors.ts';

/** Longer than the lease of a process that was killed. */
const LONGEST_WAIT_MS = 20_000;

/**
 * What a person has asked for, done as soon as nobody else is on the same payment: mostly a worker is, for less than a second.
 * @param work may be begun again: it has stopped before anything of its own was done, or finds it done
 * @throws BusyError when that takes longer than a person waits
 */
export async function whenFree<T>(work: () => Promise<T>, longestMs = LONGEST_WAIT_MS): Promise<T> {
  const until = performance.now() + longestMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      // What Stripe has not booked yet may take an hour.
      if (!(error instanceof BusyError) || error instanceof NotYetError) throw error;
      if (performance.now() + error.retryAfterMs > until) throw error;
      await sleep(error.retryAfterMs);
    }
  }
}
