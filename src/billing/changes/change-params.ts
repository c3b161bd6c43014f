import type Stripe from 'stripe';
import type { Target } from './targets.ts';

/**
 * How the money of a change is collected. `waits`: Stripe makes the change when its invoice is paid. `must_pay`: at once, or not at
 * all. `invoiced`: the change is made, and its invoice is paid later; what costs more is given when it is.
 */
export type Collects = 'waits' | 'must_pay' | 'invoiced';

/** A change that is made now. */
export interface Change {
  /** sub_… */
  readonly subscription: string;
  readonly targets: readonly Target[];
  /** Of a trial that goes on, in seconds; else null. */
  readonly trialEnd: number | null;
  /** From when it counts, in seconds; null: from the moment at which Stripe is asked. */
  readonly prorationDate: number | null;
  readonly collects: Collects;
}

export interface ChangeParams {
  readonly preview: Stripe.InvoiceCreatePreviewParams;
  readonly update: AskedParams;
}

/** As it is stored, and sent. */
export interface AskedParams extends Omit<Stripe.SubscriptionUpdateParams, 'items'> {
  readonly items: readonly ItemParam[];
  /** Of one at the end of the period: its periods are counted from there. Never sent with an update. */
  readonly restarts?: true;
}

/**
 * What Stripe is asked for the preview of a change and for the change itself: THE ONE place that builds either, so that what is
 * charged is what was shown. With `pending_if_incomplete` Stripe takes nothing but this: no metadata, no items that go.
 * https://docs.stripe.com/billing/subscriptions/pending-updates-reference
 */
export function paramsOf({ subscription, targets, trialEnd, prorationDate, collects }: Change): ChangeParams {
  const shared = {
    items: targets.map(itemOf),
    proration_behavior: 'always_invoice' as const,
    ...(prorationDate === null ? {} : { proration_date: prorationDate }),
    ...(trialEnd === null ? {} : { trial_end: trialEnd }),
  };
  return {
    preview: { subscription, subscription_details: shared },
    update: { ...shared, ...PAYMENT[collects], expand: ['latest_invoice'] },
  };
}

const PAYMENT = {
  waits: { payment_behavior: 'pending_if_incomplete' },
  must_pay: { payment_behavior: 'error_if_incomplete' },
  invoiced: {},
} as const satisfies Record<Collects, Pick<Stripe.SubscriptionUpdateParams, 'payment_behavior'>>;

/** The same for what is shown of a change that comes with the next period: what that will cost. */
export function renewalParams(subscription: string, targets: readonly Target[]): Stripe.InvoiceCreatePreviewParams {
  return {
    subscription,
    preview_mode: 'recurring',
    subscription_details: { items: targets.map(itemOf), proration_behavior: 'none' },
  };
}

/** Each by the id of its item: without it Stripe would add another one. */
function itemOf(target: Target): ItemParam {
  switch (target.kind) {
    case 'removed':
      return { id: target.item.id, deleted: true };
    case 'added':
      return { price: target.price.id, ...quantityOf(target) };
    case 'changed':
      return { id: target.item.id, price: target.price.id, ...quantityOf(target) };
  }
}

export interface ItemParam {
  readonly id?: string;
  readonly price?: string;
  readonly quantity?: number;
  readonly deleted?: true;
}

function quantityOf({ quantity }: { readonly quantity: number | null }): { quantity?: number } {
  return quantity === null ? {} : { quantity };
}
