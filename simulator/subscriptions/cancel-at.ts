import type { Context } from '../core/context.ts';
import { invalidParam, refused } from '../core/errors.ts';
import type { Params } from '../core/params.ts';
import { planEnd } from './cancel.ts';
import type { updateShape } from './params.ts';
import { firstPeriodEnd, lastPeriodEnd, type Subscription } from './subscription.ts';

type Sent = Partial<Pick<Params<typeof updateShape>, 'cancel_at' | 'cancel_at_period_end'>>;

/**
 * With several intervals the word of periods means the first of their ends, and goes with it; the names that `cancel_at` takes
 * become a moment at once: https://docs.stripe.com/changelog/basil/2025-07-30/cancel-at-enums
 * Checks a planned end; the returned function plans it, or calls it off, when the periods are what they will be.
 */
export function planCancelAt(
  context: Context,
  { cancel_at: at, cancel_at_period_end: atPeriodEnd }: Sent,
): (subscription: Subscription) => void {
  if (at != null && atPeriodEnd === true) {
    const message = 'You may only specify one of these parameters: cancel_at, cancel_at_period_end.';
    throw invalidParam(message, 'cancel_at', 'parameters_exclusive');
  }
  if (typeof at === 'number' && at <= context.now()) {
    throw refused('cancel_at must be a timestamp in the future.', { param: 'cancel_at' });
  }
  return (subscription) => {
    if (atPeriodEnd === true) planEnd(context, subscription, firstPeriodEnd(subscription), true);
    else if (at != null) planEnd(context, subscription, momentOf(subscription, at), false);
    else if (at === null || (atPeriodEnd === false && subscription.cancel_at_period_end)) {
      planEnd(context, subscription, null, false);
    } else if (subscription.cancel_at_period_end) {
      // The period may have become another one.
      subscription.cancel_at = firstPeriodEnd(subscription);
    }
  };
}

function momentOf(subscription: Subscription, at: NonNullable<Sent['cancel_at']>): number {
  if (typeof at === 'number') return at;
  return at === 'min_period_end' ? firstPeriodEnd(subscription) : lastPeriodEnd(subscription);
}
