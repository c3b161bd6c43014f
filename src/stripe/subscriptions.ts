import type Stripe from 'stripe';
import { isForbidden } from './errors.ts';
import { type FailedPayment, fetchFailures } from './failed-payments.ts';

/** Reads subscriptions and their invoices. An answer holds what had happened before it was asked for. */
export interface FetchedSubscription {
  readonly subscription: Stripe.Subscription;
  readonly customer: Stripe.Customer | null;
  readonly items: readonly Stripe.SubscriptionItem[];
  readonly latestInvoice: FetchedInvoice | null;
  /** Null: it is on none, on one that was deleted, or the key may not read them. */
  readonly testClock: Stripe.TestHelpers.TestClock | null;
}

export interface FetchedInvoice {
  /** With its `payments`. */
  readonly invoice: Stripe.Invoice;
  readonly lines: readonly Stripe.InvoiceLineItem[];
  /** While it is open. */
  readonly failures: readonly FailedPayment[];
  /** Of one that was asked for by itself; else it stands with the subscription. */
  readonly testClock: Stripe.TestHelpers.TestClock | null;
}

/** One request; more only for more than ten items, or lines of the latest invoice, or when a try to collect that has failed. */
export async function fetchSubscription(stripe: Stripe, id: string, mode: Mode): Promise<FetchedSubscription> {
  const subscription = await withClock(mode, (clock) =>
    stripe.subscriptions.retrieve(id, {
      expand: ['customer', 'items.data.price.product', 'latest_invoice.payments', ...clock],
    }),
  );
  const { customer, items, latest_invoice: latest } = subscription;
  return {
    subscription,
    customer: typeof customer === 'string' || customer.deleted ? null : customer,
    items: items.has_more
      ? await stripe.subscriptionItems.list({ subscription: id, limit: 100 }).autoPagingToArray({ limit: 1_000 })
      : items.data,
    latestInvoice: latest === null || typeof latest === 'string' ? null : await withLines(stripe, latest),
    testClock: expanded(subscription.test_clock),
  };
}

export async function fetchInvoice(stripe: Stripe, id: string, mode: Mode): Promise<FetchedInvoice> {
  return withLines(
    stripe,
    await withClock(mode, (clock) => stripe.invoices.retrieve(id, { expand: ['payments', ...clock] })),
  );
}

/** There are no test clocks in live mode. */
export interface Mode {
  readonly livemode: boolean;
}

/** Asks with the test clock expanded, where the key may read it: a subscription must not wait for a permission of test mode. */
async function withClock<T>({ livemode }: Mode, ask: (expand: readonly string[]) => Promise<T>): Promise<T> {
  if (livemode) return ask([]);
  try {
    return await ask(['test_clock']);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return ask([]);
  }
}

/** One that was deleted is told by its id alone. */
function expanded(clock: Stripe.Subscription['test_clock']): Stripe.TestHelpers.TestClock | null {
  return clock === null || typeof clock === 'string' || clock.deleted !== undefined ? null : clock;
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
    testClock: expanded(invoice.test_clock),
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
