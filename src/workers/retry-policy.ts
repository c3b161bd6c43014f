import { ZodError } from 'zod';
import { BusyError, PermanentError, StripeRefused } from '../platform/errors.ts';
import { isKeyOfOtherRequest, isLockTimeout, isRefusal, rateLimitPause } from '../stripe/errors.ts';

/** By then the other request on the same object is over. */
const LOCKED_RETRY_MS = 1_000;

/**
 * What to do about an error, in this one place. Nobody else catches in order to decide about a retry.
 * - pause: the rate is the trouble, so the whole queue waits; no attempt is spent
 * - later: somebody else is on it; this job alone waits; no attempt is spent
 * - review: trying again can't help; a person is asked
 * - retry: everything else (network, 5xx, database, a wrong or revoked key that an operator will put right): with backoff,
 *   and when the attempts are used up a person is asked
 */
export type Verdict =
  | { readonly kind: 'pause'; readonly ms: number }
  | { readonly kind: 'later'; readonly ms: number }
  | { readonly kind: 'review' }
  | { readonly kind: 'retry' };

export function verdictOn(error: unknown): Verdict {
  const pause = rateLimitPause(error);
  if (pause !== undefined) return { kind: 'pause', ms: pause };
  if (error instanceof BusyError) return { kind: 'later', ms: error.retryAfterMs };
  if (isLockTimeout(error)) return { kind: 'later', ms: LOCKED_RETRY_MS };
  if (error instanceof PermanentError || error instanceof ZodError) return { kind: 'review' };
  if (error instanceof StripeRefused || isRefusal(error) || isKeyOfOtherRequest(error)) return { kind: 'review' };
  return { kind: 'retry' };
}
