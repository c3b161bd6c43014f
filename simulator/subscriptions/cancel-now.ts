import type { Context } from '../core/context.ts';
import type { Params } from '../core/params.ts';
import { collectLast, draftWhatWaits, end, noteDetails } from './cancel.ts';
import type { cancelShape } from './params.ts';
import { dropPending } from './pending-update.ts';
import { creditLines } from './proration.ts';
import type { Subscription } from './subscription.ts';
import { letWait } from './waiting.ts';

/** Ends a subscription at once: https://docs.stripe.com/api/subscriptions/cancel */
export function cancelNow(
  context: Context,
  subscription: Subscription,
  sent: Params<typeof cancelShape>,
): Subscription {
  dropPending(context, subscription);
  const now = context.now();
  const running = subscription.status === 'active' || subscription.status === 'past_due';
  if (sent.prorate === true && running) {
    const { data } = subscription.items;
    letWait(
      context,
      subscription,
      data.flatMap((item) => creditLines(context, subscription, item, now)),
    );
  }
  if (sent.cancellation_details !== undefined) noteDetails(subscription, sent.cancellation_details);
  const last = sent.invoice_now === true ? draftWhatWaits(context, subscription) : undefined;
  end(context, subscription, 'cancellation_requested');
  collectLast(context, last);
  return subscription;
}
