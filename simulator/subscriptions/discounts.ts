import type { Context } from '../core/context.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { inheritedDiscounts, reductionOf } from '../invoicing/discounts.ts';
import type { Invoice } from '../invoicing/lines.ts';
import { periodEnd } from './calendar.ts';
import type { Subscription } from './subscription.ts';

type Discount = ObjectTypes['discount'];

/** What a redeemed coupon becomes on a subscription: it ends with the coupon's months, if it has any. */
export function ownDiscount(context: Context, subscription: Subscription, id: string): string {
  const discount = context.store.discount.need(id);
  const coupon = context.store.coupon.get(discount.source.coupon ?? '');
  discount.subscription = subscription.id;
  if (coupon?.duration === 'repeating') {
    const months = { interval: 'month', interval_count: coupon.duration_in_months ?? 1 } as const;
    discount.end = periodEnd(discount.start, months, discount.start);
  }
  return id;
}

const runs = (context: Context, { end }: Discount): boolean => end === null || end > context.now();

/** The discounts of an invoice: the subscription's own, which replace those of its customer. */
export function activeDiscounts(
  context: Context,
  { discounts }: Subscription,
  customer: ObjectTypes['customer'],
): string[] {
  const own = discounts.filter((id) => runs(context, context.store.discount.need(id)));
  return own.length > 0 ? own : inheritedDiscounts(context, customer);
}

/** A coupon for one invoice is used up by the first that costs something, one for months when they are over. */
export function useUpDiscounts(context: Context, subscription: Subscription, invoice: Invoice): void {
  subscription.discounts = subscription.discounts.filter((id) => {
    const discount = context.store.discount.need(id);
    const coupon = context.store.coupon.get(discount.source.coupon ?? '');
    if (coupon?.duration === 'once' && invoice.subtotal > 0) discount.end = context.now();
    return runs(context, discount);
  });
}

/** What is left of an amount after the percentages of a subscription's discounts: prorations have them worked in. */
export function afterDiscounts(context: Context, subscription: Subscription, amount: number): number {
  const customer = context.store.customer.get(subscription.customer);
  if (customer === undefined) return amount;
  const ids = activeDiscounts(context, subscription, customer);
  const left = ids.reduce((rest, id) => (rest * (100 - (reductionOf(context, id).percentOff ?? 0))) / 100, amount);
  return Math.round(left);
}
