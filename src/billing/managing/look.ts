import type Stripe from 'stripe';
import type { Db } from '../../platform/db.ts';
import { isMissing } from '../../stripe/errors.ts';
import { fetchSubscription } from '../../stripe/subscriptions.ts';
import type { Deps } from '../deps/deps.ts';
import { subscriptionOf } from '../subscriptions/from-stripe.ts';
import { findSubscription } from '../subscriptions/subscriptions.ts';
import { openInvoicesOf } from './open-invoices.ts';
import type { Looked } from './plan-deed.ts';
import { type OpenInvoice, waitsFor } from './waits-for.ts';

/** How a subscription stands, for deciding what can be done about it: by Stripe, before anything is done, or by what is kept. */
export interface LookedAtStripe extends Looked {
  /** Seconds since 1970; null: it is not paused. Of two pauses of one subscription they differ. */
  readonly pausedSince: number | null;
}

/** @returns undefined when Stripe has no such subscription */
export async function lookAtStripe(
  { stripe, livemode }: Pick<Deps, 'stripe' | 'livemode'>,
  id: string,
): Promise<LookedAtStripe | undefined> {
  try {
    const fetched = await fetchSubscription(stripe, id, { livemode });
    const subscription = subscriptionOf(fetched);
    const latest = fetched.latestInvoice?.invoice;
    const known = subscription.status === 'unpaid' ? await oldestFirst(stripe, id) : latest ? [latest] : [];
    const open = known.flatMap((each) => (each.status === 'open' ? openInvoiceOf(each) : []));
    return {
      subscription,
      openInvoice: waitsFor(subscription, open),
      pausedSince: fetched.subscription.status_details?.paused.transitioned_at ?? null,
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function oldestFirst(stripe: Stripe, subscription: string): Promise<Stripe.Invoice[]> {
  return (await stripe.invoices.list({ subscription, status: 'open', limit: 100 })).data.toReversed();
}

function openInvoiceOf({ id, hosted_invoice_url: url }: Stripe.Invoice): OpenInvoice {
  return { id, url: url ?? null };
}

/** @returns undefined when nothing is known of it here */
export async function lookAtKept(db: Db, id: string): Promise<Looked | undefined> {
  const subscription = await findSubscription(db, id);
  if (!subscription) return undefined;
  const open = (await openInvoicesOf(db, [id])).get(id) ?? [];
  return { subscription, openInvoice: waitsFor(subscription, open) };
}
