import type { InvoiceOfReference, PaymentOfReference } from '../../billing/managing/money-of-reference.ts';
import type { SubscriptionView } from '../../billing/managing/subscription-views.ts';
import type { AccessPolicy } from '../../billing/policy/access.ts';
import { planOf } from '../../billing/subscriptions/plan-of.ts';
import { standingOf } from '../../billing/subscriptions/standing.ts';
import type { Item } from '../../billing/subscriptions/subscription.ts';

/** Subscriptions, and what was invoiced and paid, as /v1 shows them. Times in ISO 8601 (UTC). */
export function presentSubscription(view: SubscriptionView, policy: AccessPolicy): object {
  const { subscription, reference, features, until, openInvoice, possible } = view;
  const { id, customer, status: said, endedAt, trialEnd, pauseCollection, pauseResumesAt, schedule } = subscription;
  const { status, why, endsAt } = standingOf(subscription);
  return {
    id,
    reference,
    customer,
    status,
    why,
    stripe_status: said,
    ends_at: endsAt,
    ended_at: endedAt,
    trial_ends_at: trialEnd,
    collection_paused: pauseCollection === null ? null : { invoices: pauseCollection, until: pauseResumesAt },
    pending_change_until: subscription.pendingUpdateUntil,
    schedule,
    items: subscription.items.map((item) => presentItem(item, policy)),
    features,
    until,
    open_invoice: openInvoice
      ? { id: openInvoice.id, amount: openInvoice.amount, currency: openInvoice.currency, url: openInvoice.url }
      : null,
    possible,
    created_at: subscription.created,
  };
}

function presentItem({ id, price, quantity, periodStart, periodEnd }: Item, policy: AccessPolicy): object {
  const plan = planOf(price, policy);
  return {
    id,
    plan: plan?.plan ?? null,
    name: plan?.name ?? null,
    price: price.id,
    lookup_key: price.lookupKey,
    quantity,
    unit_amount: price.unitAmount,
    currency: price.currency,
    interval: price.interval,
    interval_count: price.intervalCount,
    period_start: periodStart,
    period_end: periodEnd,
  };
}

export function presentInvoiceOfReference(invoice: InvoiceOfReference): object {
  const { billing_reason: reason, due_date: dueAt, next_payment_attempt: nextAt, created, paid_at, ...rest } = invoice;
  return { ...rest, reason, due_at: dueAt, next_attempt_at: nextAt, created_at: created, paid_at };
}

export function presentPayment({ invoice: id, number, url, pdf, ...payment }: PaymentOfReference): object {
  return { ...payment, invoice: id === null ? null : { id, number, url, pdf } };
}
