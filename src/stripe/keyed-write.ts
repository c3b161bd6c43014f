import { BusyError } from '../platform/errors.ts';
import { isKeyOfOtherRequest, isReplayedFailure } from './errors.ts';

/**
 * A write under an idempotency key that has a version. Stripe answers a key for at least a day with what its first use led
 * to, a failure too, and refuses it for other parameters (an update of this program, or another document, came between).
 * In both cases the version is raised, and the next try, which looks first what is there, uses a new key.
 */
export async function keyedWrite<T>(raiseVersion: () => Promise<unknown>, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    const keyIsTaken = isKeyOfOtherRequest(error);
    if (keyIsTaken || isReplayedFailure(error)) await raiseVersion();
    if (keyIsTaken) throw new BusyError('The idempotency key was used for another request before', 1_000);
    throw error;
  }
}
