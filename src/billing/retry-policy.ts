import { ZodError } from 'zod';
import { isDatabaseAway } from '../platform/db.ts';
import { BusyError, PermanentError, StripeRefused } from '../platform/errors.ts';
import type { ContactState } from '../stripe/contact.ts';
import {
  isForbidden,
  isKeyOfOtherRequest,
  isKeyRefused,
  isLockTimeout,
  isOutage,
  isRefusal,
  missingPermission,
  rateLimitPause,
} from '../stripe/errors.ts';

/** By then the other request on the same object is over. */
const LOCKED_RETRY_MS = 1_000;
/** How often it is tried whether somebody has granted the permission. */
const FORBIDDEN_RETRY_MS = 5 * 60_000;

/**
 * What to do about an error, in this one place. Nobody else catches in order to decide about a retry.
 * - pause: the rate is the trouble, so the whole queue waits; no attempt is spent
 * - later: somebody else is on it; this job alone waits; no attempt is spent
 * - review: trying again can't help; a person is asked
 * - away: the key is refused, nobody answers, Stripe is broken, Postgres is away: everybody's trouble, if nobody else is
 *   answered meanwhile (`whileAway`)
 * - forbidden: the key lacks a permission, which an operator will grant: this job waits, and a person is asked once
 * - retry: everything else: with backoff, and when the attempts are used up a person is asked
 */
export type Verdict =
  | QueueVerdict
  | { readonly kind: 'away'; readonly whose: 'stripe' | 'key' | 'database' }
  | { readonly kind: 'forbidden'; readonly ms: number; readonly permission: string | undefined };

/** What the queue can be told. */
export type QueueVerdict =
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
  if (isForbidden(error)) return { kind: 'forbidden', ms: FORBIDDEN_RETRY_MS, permission: missingPermission(error) };
  if (isOutage(error)) return { kind: 'away', whose: isKeyRefused(error) ? 'key' : 'stripe' };
  if (isDatabaseAway(error)) return { kind: 'away', whose: 'database' };
  return { kind: 'retry' };
}

/** So long without an answer to anybody, and it is not this event's trouble. */
const SILENCE_SECONDS = 60;
/** Nothing can be noted then, nor how long it lasts. */
export const DATABASE_PAUSE_MS = 5_000;
const PAUSE_MS = { shortest: 1_000, longest: 60_000 };

/**
 * What to do while Stripe may be away for everybody, pure: the whole queue pauses, longer and longer up to a minute, for as
 * long as it takes, and no attempt is spent. Once anybody is answered it is this event that has the trouble.
 */
export function whileAway(whose: 'stripe' | 'key', { silentSeconds, failingSeconds }: ContactState): QueueVerdict {
  const isEverybodys = whose === 'key' || silentSeconds === null || silentSeconds > SILENCE_SECONDS;
  return isEverybodys ? { kind: 'pause', ms: pauseMs(failingSeconds) } : { kind: 'retry' };
}

/** Grows with the time that it lasts. Whole milliseconds: Redis takes no others. */
export function pauseMs(seconds: number): number {
  return Math.min(Math.max(Math.round(seconds * 250), PAUSE_MS.shortest), PAUSE_MS.longest);
}
