import type Stripe from 'stripe';
import { type FailedPayment, fetchFailures } from './failed-payments.ts';

/** Reads subscriptions and their invoices. An answer holds what had happened before it was asked for. */
export interface FetchedSubscription {
  readonly subscription: Stripe.Subscription;
  readonly customer: Stripe.Customer | null;
  readonly items: readonly Stripe.SubscriptionItem[];
  readonly latestInvoice: FetchedInvoice | null;
}

export interface FetchedInvoice {
  /** With its `payments`. */
  readonly invoice: Stripe.Invoice;
  readonly lines: readonly Stripe.InvoiceLineItem[];
  /** While it is open. */
  readonly failures: readonly FailedPayment[];
}

/** One request; more only for more than ten items, or lines of the latest invoice, or when a try to collect that has failed. */
export async function fetchSubscription(stripe: Stripe, id: string): Promise<FetchedSubscription> {
  const subscription = await stripe.subscriptions.retrieve(id, {
    expand: ['customer', 'items.data.price.product', 'latest_invoice.payments'],
  });
  const { customer, items, latest_invoice: latest } = subscription;
  return {
    subscription,
    customer: typeof customer === 'string' || customer.deleted ? null : customer,
    items: items.has_more
      ? await stripe.subscriptionItems.list({ subscription: id, limit: 100 }).autoPagingToArray({ limit: 1_000 })
      : items.data,
    latestInvoice: latest === null || typeof latest === 'string' ? null : await withLines(stripe, latest),
  };
}

export async function fetchInvoice(stripe: Stripe, id: string): Promise<FetchedInvoice> {
  return withLines(stripe, await stripe.invoices.retrieve(id, { expand: ['payments'] }));
}

/** Of a subscription that was there before we were. */
export async function fetchInvoicesOf(stripe: Stripe, subscription: string): Promise<FetchedInvoice[]> {
  const { data } = await stripe.invoices.list({ subscription, limit: 24, expand: ['data.payments'] });
  return Promise.all(data.map((invoice) => withLines(stripe, invoice)));
}

async function withLines(stripe: Stripe, invoice: Stripe.Invoice): Promise<FetchedInvoice> {
  const { lines, id } = invoice;
  return {
    invoice,
    lines: lines.has_more
      ? await stripe.invoices.listLineItems(id, { limit: 100 }).autoPagingToArray({ limit: 2_000 })
      : lines.data,
    failures: await fetchFailures(stripe, invoice),
  };
}

/** The Checkout Session in which it began; null when it began otherwise. */
export async function fetchSessionOf(stripe: Stripe, subscription: string): Promise<Stripe.Checkout.Session | null> {
  const { data } = await stripe.checkout.sessions.list({ subscription, limit: 1 });
  return data[0] ?? null;
}

/** What has paid an invoice at Stripe: pi_…, or ch_… where there is no intent. None when it was paid elsewhere. */
export async function fetchPaymentsOf(stripe: Stripe, invoice: string): Promise<string[]> {
  const { payments } = await stripe.invoices.retrieve(invoice, { expand: ['payments'] });
  return (payments?.data ?? []).flatMap(({ status, payment: { payment_intent: intent, charge } }) => {
    const by = intent ?? charge;
    if (status !== 'paid' || !by) return [];
    return [typeof by === 'string' ? by : by.id];
  });
}
