import { setTimeout as sleep } from 'node:timers/promises';
import { verdictOn } from '../billing/retry-policy.ts';
import { NotYetError } from '../platform/errors.ts';

/**
 * Repeats work as the queues would: what is only busy or too fast is waited for, everything else is tried a few times. Longer
 * than the lease of a process that was killed, so that its payments are not given up. What Stripe alone can bring on is not
 * waited for: that may take an hour, for each of many.
 */
const BUSY_MS = 120_000;
const TRIES = 4;
const FIRST_DELAY_MS = 1_000;

/** @throws the last error, when no further try can help */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  for (let failures = 0; ; ) {
    try {
      return await work();
    } catch (error) {
      const verdict = verdictOn(error);
      const isWaiting = 'ms' in verdict && performance.now() - began < BUSY_MS;
      if (!isWaiting) failures += 1;
      if (error instanceof NotYetError || verdict.kind === 'review' || failures === TRIES) throw error;
      await sleep('ms' in verdict ? verdict.ms : FIRST_DELAY_MS * 2 ** (failures - 1));
    }
  }
}
