import type { Context } from '../core/context.ts';
import { finalize } from '../invoicing/finalize.ts';
import { markUncollectible, voidInvoice } from '../invoicing/invoice-actions.ts';
import type { Invoice } from '../invoicing/lines.ts';
import { draftOf, itemsFor, noteDebits } from './bill.ts';
import { periodLine } from './billing-line.ts';
import { end } from './cancel.ts';
import { periodAt } from './item.ts';
import { pause } from './pause.ts';
import { methodOf, type Subscription, type SubscriptionItem } from './subscription.ts';
import { recurringOf, termsOf } from './terms.ts';

/** A trial ends in its first period's end. Without a payment method the business may have wanted something else. */
export function beginPeriods(context: Context, subscription: Subscription): void {
  if (!endsWithoutCard(context, subscription)) renew(context, subscription);
}

/** Whether the end of its trial ends or pauses a subscription, because there is nothing to charge. Then it has done so. */
export function endsWithoutCard(context: Context, subscription: Subscription): boolean {
  if (subscription.status !== 'trialing' || methodOf(context, subscription) !== null) return false;
  const behavior = subscription.trial_settings?.end_behavior.missing_payment_method;
  if (behavior === 'cancel') end(context, subscription);
  else if (behavior === 'pause') pause(context, subscription, 'trial_end_without_payment_method');
  return behavior === 'cancel' || behavior === 'pause';
}

/**
 * The next period of the items whose last one is over. It shows on the items at once; its invoice is a draft for an hour, in
 * which something can be added. Source: https://docs.stripe.com/billing/invoices/subscription#subscription-renewals
 */
function renew(context: Context, subscription: Subscription): void {
  const due = subscription.items.data.filter(({ current_period_end: over }) => over <= context.now());
  const [first] = due;
  if (first === undefined) return;
  const over = { start: first.current_period_start, end: first.current_period_end };
  const collects = subscription.status !== 'unpaid' && subscription.pause_collection === null;
  let invoice: Invoice | undefined;
  context.change(subscription, 'customer.subscription.updated', () => {
    for (const item of due) moveOn(subscription, item);
    if (subscription.status === 'trialing') subscription.status = 'active';
    invoice = draftOf(context, subscription, {
      reason: 'subscription_cycle',
      lines: due.map((item) => periodLine(context, termsOf(item), periodOf(item), false)),
      items: itemsFor(context, subscription),
      period: over,
      advances: collects,
    });
    noteDebits(context, invoice);
  });
  if (invoice !== undefined) giveUp(context, subscription, invoice);
}

export const periodOf = ({ current_period_start: start, current_period_end: over }: SubscriptionItem) => ({
  start,
  end: over,
});

function moveOn(subscription: Subscription, item: SubscriptionItem): void {
  const next = periodAt(subscription.billing_cycle_anchor, recurringOf(item.price), item.current_period_end);
  item.current_period_start = next.start;
  item.current_period_end = next.end;
}

/** While collection is paused an invoice is kept as a draft, or given up at once. */
function giveUp(context: Context, { pause_collection: paused }: Subscription, invoice: Invoice): void {
  if (paused === null || paused.behavior === 'keep_as_draft') return;
  finalize(context, invoice);
  if (invoice.status !== 'open') return;
  if (paused.behavior === 'void') voidInvoice(context, invoice);
  else markUncollectible(context, invoice, 'subscription_paused');
}
