import type { Context } from '../core/context.ts';
import { refused } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';

export type Subscription = ObjectTypes['subscription'];
export type SubscriptionItem = ObjectTypes['subscription_item'];

/** Ends that nothing follows. */
export const hasEnded = ({ status }: Subscription): boolean => status === 'canceled' || status === 'incomplete_expired';

/** The subscription in the time that its customer lives in. */
export function needSubscription(context: Context, id: string, param?: string): [Context, Subscription] {
  const subscription = context.store.subscription.need(id, param);
  return [context.inTimeOf(subscription.customer), subscription];
}

/** The payment method that Stripe charges first for it: its own, then its customer's. */
export function methodOf(
  context: Context,
  subscription: Pick<Subscription, 'customer' | 'default_payment_method'>,
): string | null {
  const customer = context.store.customer.get(subscription.customer);
  return subscription.default_payment_method ?? customer?.invoice_settings.default_payment_method ?? null;
}

/** A payment method that the customer of a subscription may be charged with. */
export function checkMethod(context: Context, id: string | null | undefined, customer: string): void {
  if (id == null) return;
  const method = context.store.payment_method.need(id, 'default_payment_method');
  if (method.customer === customer) return;
  const message = `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`;
  throw refused(message, { code: 'resource_missing', param: 'default_payment_method' });
}

/** When the last of its periods ends: what "at the end of the period" means for several intervals. */
export const lastPeriodEnd = ({ items }: Subscription): number =>
  Math.max(...items.data.map(({ current_period_end: end }) => end));

export const firstPeriodEnd = ({ items }: Subscription): number =>
  Math.min(...items.data.map(({ current_period_end: end }) => end));
