import type Stripe from 'stripe';
import { type Db, rows } from '../../platform/db.ts';
import { isMissing } from '../../stripe/errors.ts';
import { fetchSubscription } from '../../stripe/subscriptions.ts';
import { subscriptionOf } from '../subscriptions/from-stripe.ts';
import type { Subscription } from '../subscriptions/subscription.ts';
import { findSubscription } from '../subscriptions/subscriptions.ts';
import type { Looked, OpenInvoice } from './plan-deed.ts';

/** How a subscription stands, for deciding what can be done about it: by Stripe, before anything is done, or by what is kept. */
export interface LookedAtStripe extends Looked {
  /** Seconds since 1970; null: it is not paused. Of two pauses of one subscription they differ. */
  readonly pausedSince: number | null;
}

/** @returns undefined when Stripe has no such subscription */
export async function lookAtStripe(stripe: Stripe, id: string): Promise<LookedAtStripe | undefined> {
  try {
    const fetched = await fetchSubscription(stripe, id);
    const subscription = subscriptionOf(fetched);
    const latest = fetched.latestInvoice?.invoice;
    const open = subscription.status === 'unpaid' ? await oldestOpen(stripe, id) : latest;
    return {
      subscription,
      openInvoice: open?.status === 'open' ? { id: open.id, url: open.hosted_invoice_url ?? null } : undefined,
      pausedSince: fetched.subscription.status_details?.paused.transitioned_at ?? null,
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Stripe goes on making drafts for one that is unpaid: the latest is not what is to be paid. */
async function oldestOpen(stripe: Stripe, subscription: string): Promise<Stripe.Invoice | undefined> {
  return (await stripe.invoices.list({ subscription, status: 'open', limit: 100 })).data.at(-1);
}

/** @returns undefined when nothing is known of it here */
export async function lookAtKept(db: Db, id: string): Promise<Looked | undefined> {
  const subscription = await findSubscription(db, id);
  return subscription && { subscription, openInvoice: await keptOpenInvoice(db, subscription) };
}

async function keptOpenInvoice(db: Db, { id, status, latestInvoice }: Subscription): Promise<OpenInvoice | undefined> {
  if (status !== 'paused' && status !== 'unpaid') return undefined;
  const open = await rows<{ id: string; url: string | null }>(
    db,
    `SELECT id, hosted_invoice_url AS url FROM subscription_invoices WHERE subscription = ? AND status = 'open'
     ORDER BY created, id LIMIT 100`,
    [id],
  );
  return status === 'unpaid' ? open[0] : open.find((invoice) => invoice.id === latestInvoice);
}
