import type Stripe from 'stripe';
import { fromUnix } from '../../platform/clock.ts';
import type { Subscription } from '../subscriptions/subscription.ts';
import type { ItemParam } from './change-params.ts';
import type { ChangeRow, Made } from './changes.ts';

/** What came of a change, read off what Stripe says of the subscription; pure. */
export interface SeenAfter {
  readonly pendingUntil: Date | null;
  readonly latestInvoice: Stripe.Invoice | null;
}

/** One that was invoiced and is not paid waits, too, although Stripe has made it: what it gives is given when it is paid. */
export function madeBy({ pendingUntil, latestInvoice }: SeenAfter, before: string | null): Made {
  const invoice = latestInvoice === null || latestInvoice.id === before ? null : latestInvoice;
  const waits = pendingUntil !== null || (invoice?.status === 'open' && invoice.amount_remaining > 0);
  return {
    outcome: waits ? 'waiting' : 'applied',
    invoice: invoice?.id ?? null,
    chargedDue: invoice?.amount_due ?? 0,
    chargedTotal: invoice?.total ?? 0,
    payUrl: waits ? (invoice?.hosted_invoice_url ?? null) : null,
    effectAt: pendingUntil,
  };
}

export function seenIn(subscription: Stripe.Subscription): SeenAfter {
  const { pending_update: pending, latest_invoice: latest } = subscription;
  return {
    pendingUntil: pending === null ? null : fromUnix(pending.expires_at),
    latestInvoice: typeof latest === 'string' ? null : latest,
  };
}

/** An item as it stands, or waits to be. */
export interface Standing {
  readonly id: string;
  readonly price: string;
  readonly quantity: number | null;
}

/** Whether a change was made, or waits to be: every item is as it was to become. Looked at before anything is asked twice. */
export function holds(asked: readonly ItemParam[], items: readonly Standing[]): boolean {
  return asked.every(({ id, price, quantity, deleted }) => {
    if (deleted) return !items.some((item) => item.id === id);
    const isAsked = (item: Standing) => item.price === price && (quantity ?? null) === item.quantity;
    return items.some((item) => (id === undefined || item.id === id) && isAsked(item));
  });
}

export function standingOfItems(items: Subscription['items']): Standing[] {
  return items.map(({ id, price, quantity }) => ({ id, price: price.id, quantity }));
}

export function standingOfPending(pending: Stripe.Subscription.PendingUpdate | null): Standing[] {
  return (pending?.subscription_items ?? []).map(({ id, price, quantity }) => ({
    id,
    price: price.id,
    quantity: quantity ?? null,
  }));
}

/** Whether a change that was made still stands, so that the same again is the same. */
export function stillStands(
  {
    proration_date: date,
    outcome,
    schedule,
    params,
  }: Pick<ChangeRow, 'proration_date' | 'outcome' | 'schedule'> & {
    readonly params: { readonly items: readonly ItemParam[] };
  },
  now: Pick<Subscription, 'items' | 'schedule'>,
): boolean {
  // To the second: nobody confirms two previews of the same one.
  if (date !== null) return true;
  if (outcome === 'scheduled') return schedule !== null && schedule === now.schedule;
  return holds(params.items, standingOfItems(now.items));
}
