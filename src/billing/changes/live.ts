import type Stripe from 'stripe';
import { toUnix } from '../../platform/clock.ts';
import { isMissing } from '../../stripe/errors.ts';
import { fetchSubscription } from '../../stripe/subscriptions.ts';
import type { Deps } from '../deps/deps.ts';
import { subscriptionOf } from '../subscriptions/from-stripe.ts';
import type { Subscription } from '../subscriptions/subscription.ts';

/** A subscription as Stripe says it is now: nothing about money is decided by our rows. */
export interface Live {
  readonly subscription: Subscription;
  readonly latestInvoice: Stripe.Invoice | null;
  /** What a payment is tried with first: pm_…, or a source of old (ba_…, card_…, src_…). */
  readonly payer: string | null;
  /** Whether something is set that a planned change can't carry along: `application_fee_percent` and its like. */
  readonly carries: readonly string[];
  readonly pendingUpdate: Stripe.Subscription.PendingUpdate | null;
}

/** @returns undefined when Stripe does not have it */
export async function fetchLive(
  { stripe, livemode }: Pick<Deps, 'stripe' | 'livemode'>,
  id: string,
): Promise<Live | undefined> {
  try {
    const fetched = await fetchSubscription(stripe, id, { livemode });
    const { subscription, customer, latestInvoice } = fetched;
    return {
      subscription: subscriptionOf(fetched),
      latestInvoice: latestInvoice?.invoice ?? null,
      payer: payerOf(subscription, customer),
      carries: notCarried(subscription),
      pendingUpdate: subscription.pending_update,
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** https://docs.stripe.com/billing/subscriptions/payment-methods-setting#payment-method-priority */
export function payerOf(
  { default_payment_method: method, default_source: source }: Stripe.Subscription,
  customer: Stripe.Customer | null,
): string | null {
  const first = method ?? source ?? customer?.invoice_settings.default_payment_method ?? customer?.default_source;
  return first ? (typeof first === 'string' ? first : first.id) : null;
}

function notCarried(subscription: Stripe.Subscription): string[] {
  const { application_fee_percent, billing_thresholds, on_behalf_of, transfer_data } = subscription;
  const all = { application_fee_percent, billing_thresholds, on_behalf_of, transfer_data };
  return Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [name]));
}

/** The end of its trial in seconds, while it is in one: else Stripe would end it with the change, and charge at once. */
export function trialEndOf({ status, trialEnd }: Subscription): number | null {
  return status === 'trialing' && trialEnd !== null ? toUnix(trialEnd) : null;
}
