import type { Context } from '../core/context.ts';
import { notSimulated, refused } from '../core/errors.ts';
import type { Params } from '../core/params.ts';
import { collectLast, draftWhatWaits } from './cancel.ts';
import type { pauseShape } from './params.ts';
import { creditLines } from './proration.ts';
import type { Subscription } from './subscription.ts';
import { letWait } from './waiting.ts';

type Why = NonNullable<Subscription['status_details']>['paused']['subscription']['type'];

/** Nothing is provided and nothing is billed until somebody resumes it. Emits updated and `customer.subscription.paused`. */
export function pause(context: Context, subscription: Subscription, why: Why): void {
  context.change(subscription, 'customer.subscription.updated', () => {
    subscription.status = 'paused';
    subscription.status_details = {
      paused: { subscription: { type: why }, transitioned_at: context.now(), type: 'subscription' },
    };
  });
  context.emit('customer.subscription.paused', subscription);
}

/** https://docs.stripe.com/api/subscriptions/pause */
export function pauseOnRequest(
  context: Context,
  subscription: Subscription,
  { bill_for: billFor, invoicing_behavior: invoicing }: Params<typeof pauseShape>,
): Subscription {
  const { status, billing_mode: mode, schedule } = subscription;
  if (mode.type !== 'flexible') throw refused('Only subscriptions with billing_mode=flexible can be paused.');
  if (schedule !== null) throw refused('A subscription with an attached schedule cannot be paused.');
  if (status !== 'active' && status !== 'trialing') {
    throw refused(`Only active and trialing subscriptions can be paused. This one has a status of ${status}.`);
  }
  // What is left of what was paid is credited unless the request says otherwise.
  const from = billFor?.unused_time_from?.type ?? 'now';
  if (from === 'item_current_period_start') throw notSimulated('bill_for[unused_time_from][type]');
  if (from === 'now' && status === 'active') {
    const { data } = subscription.items;
    letWait(
      context,
      subscription,
      data.flatMap((item) => creditLines(context, subscription, item, context.now())),
    );
  }
  const last = invoicing === 'invoice' ? draftWhatWaits(context, subscription) : undefined;
  pause(context, subscription, 'pause_requested');
  collectLast(context, last);
  return subscription;
}
