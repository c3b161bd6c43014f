import type { Context } from '../core/context.ts';
import { type BillingLine, partLine } from './billing-line.ts';
import { afterDiscounts } from './discounts.ts';
import { debitsOf, type Period } from './item.ts';
import type { Subscription, SubscriptionItem } from './subscription.ts';
import { fullAmount, type Terms, termsOf } from './terms.ts';

const isFlexible = ({ billing_mode: mode }: Subscription): boolean => mode.type === 'flexible';

/** The part of an amount for a period that lies after a moment, to the second. Rounded to minor units. */
function shareAfter(amount: number, { start, end }: Period, at: number): number {
  const left = end - Math.min(end, Math.max(start, at));
  return end === start ? 0 : Math.round((amount * left) / (end - start));
}

/**
 * What is given back for the time that an item has left. Flexible billing gives back what was really charged, one line for each
 * charge; classic billing goes by the item's price, whatever was paid.
 * Source: https://docs.stripe.com/billing/subscriptions/billing-mode/compare
 */
export function creditLines(
  context: Context,
  subscription: Subscription,
  item: SubscriptionItem,
  at: number,
): BillingLine[] {
  const terms = termsOf(item);
  const whole = { start: item.current_period_start, end: item.current_period_end };
  const rest = { start: at, end: whole.end };
  if (!isFlexible(subscription)) {
    const amount = shareAfter(afterDiscounts(context, subscription, fullAmount(terms)), whole, at);
    return [partLine(context, 'unused', terms, rest, amount)];
  }
  return debitsOf(item, at).flatMap((debit) => {
    const amount = shareAfter(debit.amount, debit, at);
    const charged = { ...terms, price: debit.price, quantity: debit.quantity };
    const period = { start: Math.max(at, debit.start), end: debit.end };
    return amount === 0 ? [] : [partLine(context, 'unused', charged, period, amount, debit)];
  });
}

/** What is asked for the rest of a period. Flexible billing makes no line of nothing. */
export function chargeLines(
  context: Context,
  subscription: Subscription,
  terms: Terms,
  whole: Period,
  at: number,
): BillingLine[] {
  const amount = shareAfter(afterDiscounts(context, subscription, fullAmount(terms)), whole, at);
  if (amount === 0 && isFlexible(subscription)) return [];
  return [partLine(context, 'remaining', terms, { start: at, end: whole.end }, amount)];
}
