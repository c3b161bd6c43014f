import Stripe from 'stripe';
import { BusyError, NotYetError, OutcomeUnknown, Refused } from '../platform/errors.ts';
import type { FieldProblem } from '../platform/field-problems.ts';
import { messageOf } from '../platform/log.ts';
import { isLockTimeout, isRefusal, rateLimitPause } from '../stripe/errors.ts';
import { InvalidInput } from './own-invoices/invoice-input.ts';
import { NoSuchInvoice } from './own-invoices/manage-invoice.ts';
import { NoSuchSubscription } from './subscriptions/no-such-subscription.ts';

/** What an error says to whoever asked, the same at every door: public page, `/v1`, console and command line. */
export type Told =
  /** Fields that can't be taken. */
  | { readonly kind: 'invalid'; readonly message: string; readonly problems: readonly FieldProblem[] }
  | { readonly kind: 'missing'; readonly message: string }
  /** The state of things does not allow it, or Stripe refuses it: the same would be refused again. */
  | { readonly kind: 'refused'; readonly message: string }
  /** Stripe can't be asked just now, or somebody else is at the same. */
  | { readonly kind: 'away'; readonly message: string; readonly retryAfterMs: number };

const TRY_AGAIN_MS = 5_000;
/** Somebody has to give us another key first. */
const KEY_MENDED_MS = 60_000;

/** @returns undefined for what is our own mistake */
export function told(error: unknown): Told | undefined {
  if (error instanceof InvalidInput) return { kind: 'invalid', message: messageOf(error), problems: error.problems };
  if (error instanceof NoSuchInvoice || error instanceof NoSuchSubscription) {
    return { kind: 'missing', message: messageOf(error) };
  }
  if (error instanceof Refused || error instanceof NotYetError) return { kind: 'refused', message: messageOf(error) };
  if (error instanceof OutcomeUnknown) {
    return { kind: 'away', message: messageOf(error), retryAfterMs: TRY_AGAIN_MS };
  }
  if (error instanceof BusyError) {
    const message = `${messageOf(error)}; nothing was changed. Try again.`;
    return { kind: 'away', message, retryAfterMs: error.retryAfterMs };
  }
  const pause = rateLimitPause(error);
  if (pause !== undefined || isAway(error)) {
    const message = 'Stripe can’t be asked just now; nothing was changed. Try again.';
    return { kind: 'away', message, retryAfterMs: pause ?? TRY_AGAIN_MS };
  }
  if (isOfOurKey(error)) {
    const message = `Stripe does not take our key for this: ${messageOf(error)} Mend STRIPE_SECRET_KEY, and try again.`;
    return { kind: 'away', message, retryAfterMs: KEY_MENDED_MS };
  }
  if (isRefusal(error)) return { kind: 'refused', message: `Stripe refuses this: ${messageOf(error)}` };
  return undefined;
}

/** Not reached, an error of its own (5xx), or busy with the same object. */
function isAway(error: unknown): boolean {
  const { StripeConnectionError, StripeAPIError } = Stripe.errors;
  return error instanceof StripeConnectionError || error instanceof StripeAPIError || isLockTimeout(error);
}

/** Wrong, revoked, or without the permission. */
function isOfOurKey(error: unknown): boolean {
  const { StripeAuthenticationError, StripePermissionError } = Stripe.errors;
  return error instanceof StripeAuthenticationError || error instanceof StripePermissionError;
}
