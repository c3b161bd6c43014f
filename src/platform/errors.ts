/**
 * The errors that decide whether a job is tried again. Throwing says what happened; `billing/retry-policy.ts` alone
 * turns it into a retry, a pause or a review item.
 */

/** No retry can help: a person is asked. The message says what happened, to which object, and what to do next. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}

/** Somebody else works on the same object, or will shortly be done: try again after `retryAfterMs`, at no attempt's cost. */
export class BusyError extends Error {
  override readonly name: string = 'BusyError';
  readonly retryAfterMs: number;
  constructor(message: string, retryAfterMs: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Stripe has not come so far with the object, which may take it an hour: whoever has others to see to passes it over. */
export class NotYetError extends BusyError {
  override readonly name = 'NotYetError';
}

/** Stripe, or our own limiter before it, asked for a pause: the whole queue waits, no attempt is spent. */
export class RateLimitedError extends Error {
  override readonly name = 'RateLimitedError';
  readonly retryAfterMs: number;
  constructor(message: string, retryAfterMs: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * The state of things does not allow what was asked, and would not allow it again. The message says in plain words what was
 * refused, why, and what to do next: it is told at every door.
 */
export class Refused extends Error {
  override readonly name: string = 'Refused';
}

/** It is Stripe that refuses. */
export class StripeRefused extends Refused {
  override readonly name = 'StripeRefused';
}

/** Stripe was asked for something, and what it has done is not known: the same may be asked again, and is done once. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
  constructor(message: string, cause: unknown) {
    super(message, { cause });
  }
}

/** A state that the code believes impossible. */
export function bug(message: string): never {
  throw new PermanentError(`Bug: ${message}`);
}
