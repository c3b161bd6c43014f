import Stripe from 'stripe';
import { BusyError, RateLimitedError } from '../platform/errors.ts';

/** What an error of a Stripe call means. One question per function; `billing/retry-policy.ts` draws the conclusion. */

/** How long to leave Stripe alone when it does not say. */
const PAUSE_MS = 1_000;

/** Milliseconds to pause when Stripe, or our own limiter, refuses for the rate; undefined for every other error. */
export function rateLimitPause(error: unknown): number | undefined {
  if (error instanceof RateLimitedError) return error.retryAfterMs;
  // An error thrown below the SDK, such as the limiter's, comes out of it wrapped as a connection error.
  if (error instanceof Stripe.errors.StripeConnectionError) return rateLimitPause(error.detail);
  if (!(error instanceof Stripe.errors.StripeRateLimitError) || isLockTimeout(error)) return undefined;
  const seconds = Number(error.headers?.['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : PAUSE_MS;
}

/** Our own refusal to send a write (see `guardingStripeWrites`), which comes out of the SDK wrapped as a connection error. */
export function busyBelow(error: unknown): BusyError | undefined {
  if (!(error instanceof Stripe.errors.StripeConnectionError)) return undefined;
  return error.detail instanceof BusyError ? error.detail : undefined;
}

/** Another request holds the very object that this one would change: a 429 too, but not because of the rate. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeRateLimitError && error.code === 'lock_timeout';
}

/**
 * What may be everybody's trouble and not this request's: the key is refused, nobody answers, or Stripe is broken. One answer
 * to anybody in the meantime says that it is not.
 */
export function isOutage(error: unknown): boolean {
  if (error instanceof Stripe.errors.StripeAuthenticationError) return true;
  if (error instanceof Stripe.errors.StripeConnectionError) return true;
  return error instanceof Stripe.errors.StripeAPIError && (error.statusCode ?? 500) >= 500;
}

/** The key is wrong or revoked: no request of anybody gets through. */
export function isKeyRefused(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeAuthenticationError;
}

/** The permission that a restricted key lacks, as Stripe names it (`rak_…`); undefined where it does not. */
export function missingPermission(error: unknown): string | undefined {
  if (!isForbidden(error) || !(error instanceof Error)) return undefined;
  return /\brak_[a-z0-9_]+/.exec(error.message)?.[0];
}

/** The request itself is wrong or refused for good: the same request would be answered the same way. */
export function isRefusal(error: unknown): error is Stripe.errors.StripeInvalidRequestError {
  return error instanceof Stripe.errors.StripeInvalidRequestError;
}

/** The bank has declined, or wants to see its customer. */
export function isDecline(error: unknown): error is Stripe.errors.StripeCardError {
  return error instanceof Stripe.errors.StripeCardError;
}

/** Its customer has to confirm the payment: nobody can do it for him. */
export function wantsItsCustomer(error: Stripe.errors.StripeCardError): boolean {
  return error.code === 'invoice_payment_intent_requires_action' || error.code === 'authentication_required';
}

/** The key lacks a permission for this. */
export function isForbidden(error: unknown): boolean {
  return error instanceof Stripe.errors.StripePermissionError;
}

/** The idempotency key was first used with other parameters or for another endpoint. */
export function isKeyOfOtherRequest(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeIdempotencyError;
}

export function isMissing(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing';
}

/**
 * Stripe keeps the first answer of an idempotency key, a failure too: repeating the key repeats the failure for a day.
 * Such an answer carries this header, and the write needs a look-up and then a new key.
 */
export function isReplayedFailure(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && error.headers?.['idempotent-replayed'] === 'true';
}

/** "You cannot combine currencies on a single customer": an active subscription, quote or item binds him to another one. */
export function isCurrencyLock(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError && /combine currencies/i.test(error.message);
}
