import type Stripe from 'stripe';
import { fromUnix } from '../../platform/clock.ts';
import type { FetchedInvoice, FetchedSubscription } from '../../stripe/subscriptions.ts';
import {
  type CollectionMethod,
  type InvoiceLine,
  type Item,
  type Price,
  STATUSES,
  type Subscription,
  type SubscriptionInvoice,
  type SubscriptionStatus,
} from './subscription.ts';

/** What Stripe answers, as it is kept, pure. A word that we don't know is an error, never a guess. */
export function subscriptionOf({ subscription, customer, items }: FetchedSubscription): Subscription {
  const { pause_collection: pause, trial_settings: trial } = subscription;
  return {
    id: subscription.id,
    customer: idOf(subscription.customer),
    livemode: subscription.livemode,
    status: statusOf(subscription),
    collectionMethod: collectionOf(subscription.collection_method, subscription.id),
    billingMode: subscription.billing_mode.type,
    currency: subscription.currency,
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    cancelAt: moment(subscription.cancel_at),
    canceledAt: moment(subscription.canceled_at),
    endedAt: moment(subscription.ended_at),
    cancellationReason: subscription.cancellation_details?.reason ?? null,
    trialStart: moment(subscription.trial_start),
    trialEnd: moment(subscription.trial_end),
    afterTrial: afterTrial(trial?.end_behavior.missing_payment_method),
    pauseCollection: pause?.behavior ?? null,
    pauseResumesAt: moment(pause?.resumes_at ?? null),
    pendingUpdateUntil: moment(subscription.pending_update?.expires_at ?? null),
    schedule: idOrNull(subscription.schedule),
    paymentMethod:
      idOrNull(subscription.default_payment_method) ??
      idOrNull(customer?.invoice_settings.default_payment_method ?? null),
    latestInvoice: idOrNull(subscription.latest_invoice),
    testClock: idOrNull(subscription.test_clock),
    metadata: { ...customer?.metadata, ...subscription.metadata },
    email: customer?.email ?? null,
    created: fromUnix(subscription.created),
    items: items.map(itemOf),
  };
}

function itemOf(item: Stripe.SubscriptionItem): Item {
  return {
    id: item.id,
    price: priceOf(item.price),
    quantity: item.quantity ?? null,
    periodStart: fromUnix(item.current_period_start),
    periodEnd: fromUnix(item.current_period_end),
  };
}

export function priceOf(price: Stripe.Price): Price {
  return {
    id: price.id,
    product: idOf(price.product),
    lookupKey: price.lookup_key,
    active: price.active,
    currency: price.currency,
    unitAmount: price.unit_amount,
    interval: known(['day', 'week', 'month', 'year'], price.recurring?.interval, price.id),
    intervalCount: price.recurring?.interval_count ?? null,
    usageType: known(['licensed', 'metered'], price.recurring?.usage_type, price.id),
  };
}

/** Of its items, as far as they came with it. */
export function productsOf({ items }: Pick<FetchedSubscription, 'items'>): Stripe.Product[] {
  return items.flatMap(({ price: { product } }) => (typeof product === 'string' || product.deleted ? [] : [product]));
}

/** @returns undefined for an invoice of no subscription */
export function invoiceOf({ invoice, lines }: FetchedInvoice): SubscriptionInvoice | undefined {
  const subscription = invoice.parent?.subscription_details?.subscription;
  if (!subscription) return undefined;
  const { status_transitions: transitions } = invoice;
  return {
    id: invoice.id,
    subscription: idOf(subscription),
    number: invoice.number,
    status: known(['draft', 'open', 'paid', 'void', 'uncollectible'], invoice.status, invoice.id) ?? 'draft',
    billingReason: invoice.billing_reason,
    collectionMethod: collectionOf(invoice.collection_method, invoice.id),
    currency: invoice.currency,
    total: invoice.total,
    amountDue: invoice.amount_due,
    amountPaid: invoice.amount_paid,
    amountRemaining: invoice.amount_remaining,
    amountOffStripe: offStripe(invoice),
    attemptCount: invoice.attempt_count,
    autoAdvance: invoice.auto_advance ?? null,
    nextPaymentAttempt: moment(invoice.next_payment_attempt),
    dueDate: moment(invoice.due_date),
    hostedInvoiceUrl: invoice.hosted_invoice_url ?? null,
    created: fromUnix(invoice.created),
    finalizedAt: moment(transitions.finalized_at),
    paidAt: moment(transitions.paid_at),
    lines: lines.map(lineOf),
  };
}

/** What no payment at Stripe has paid: somebody said that it was paid elsewhere. */
function offStripe({ amount_paid: paid, payments }: Stripe.Invoice): number | null {
  if (!payments || payments.has_more) return null;
  const atStripe = payments.data.reduce((sum, each) => sum + (each.status === 'paid' ? (each.amount_paid ?? 0) : 0), 0);
  return Math.max(0, paid - atStripe);
}

function lineOf(line: Stripe.InvoiceLineItem): InvoiceLine {
  const { parent, pricing } = line;
  // A proration is an item of its own, of the subscription's item.
  const details = parent?.subscription_item_details ?? undefined;
  const price = pricing?.price_details?.price;
  return {
    id: line.id,
    item: details?.subscription_item ?? null,
    price: price === undefined ? null : idOf(price),
    quantity: line.quantity,
    amount: line.amount,
    proration: details?.proration ?? parent?.invoice_item_details?.proration ?? false,
    periodStart: fromUnix(line.period.start),
    periodEnd: fromUnix(line.period.end),
  };
}

function statusOf({ status, id }: Stripe.Subscription): SubscriptionStatus {
  return STATUSES.find((each) => each === status) ?? unknown(status, id);
}

function collectionOf(method: string, id: string): CollectionMethod {
  return known(['charge_automatically', 'send_invoice'], method, id) ?? unknown(method, id);
}

function afterTrial(behaviour: string | undefined): Subscription['afterTrial'] {
  return behaviour === 'cancel' || behaviour === 'pause' ? behaviour : 'create_invoice';
}

function known<Word extends string>(words: readonly Word[], word: string | null | undefined, id: string): Word | null {
  if (word === null || word === undefined) return null;
  return words.find((each) => each === word) ?? unknown(word, id);
}

function unknown(word: string, id: string): never {
  throw new Error(`Stripe says ${word} of ${id}, which this release does not know: a newer one may.`);
}

function moment(seconds: number | null): Date | null {
  return seconds === null ? null : fromUnix(seconds);
}

function idOf(reference: string | { readonly id: string }): string {
  return typeof reference === 'string' ? reference : reference.id;
}

function idOrNull(reference: string | { readonly id: string } | null | undefined): string | null {
  return reference ? idOf(reference) : null;
}
