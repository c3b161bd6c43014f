import type { Context } from '../core/context.ts';
import { voidInvoice } from '../invoicing/invoice-actions.ts';
import { paymentsOf } from '../invoicing/invoice-payment.ts';
import type { Invoice } from '../invoicing/lines.ts';
import { end } from './cancel.ts';
import { applyPending, dropPending, isOfPending } from './pending-update.ts';
import { isOfResumption, settleResumption } from './resume.ts';
import { hasEnded, type Subscription } from './subscription.ts';

/** The subscription that an invoice is of, if it is of one. */
export const subscriptionOf = (context: Context, invoice: Invoice): Subscription | undefined =>
  context.store.subscription.get(invoice.parent?.subscription_details?.subscription ?? '');

function become(context: Context, subscription: Subscription, status: Subscription['status']): void {
  context.change(subscription, 'customer.subscription.updated', () => {
    subscription.status = status;
  });
}

/**
 * An invoice is settled: paid, or given up by the business. The subscription is active again when its newest bill is: a draft
 * is none yet. Source: https://docs.stripe.com/billing/subscriptions/overview#payment-status
 */
export function settled(context: Context, subscription: Subscription, invoice: Invoice): void {
  if (hasEnded(subscription)) return;
  if (isOfPending(subscription, invoice)) {
    if (invoice.status === 'paid') applyPending(context, subscription);
    else dropPending(context, subscription);
    return;
  }
  if (isOfResumption(subscription, invoice)) {
    settleResumption(context, subscription);
    return;
  }
  if (subscription.status === 'incomplete') {
    if (invoice.status === 'void') expire(context, subscription);
    else activate(context, subscription, invoice);
    return;
  }
  const [newest] = context.store.invoice.newestFirst(
    (one) =>
      subscriptionOf(context, one) === subscription &&
      (one === invoice || (one.status !== 'draft' && one.status !== 'void')),
  );
  const behind = subscription.status === 'past_due' || subscription.status === 'unpaid';
  if (behind && newest === invoice) become(context, subscription, 'active');
}

/** The first invoice is paid, or its bank debit is under way. */
export function activate(context: Context, subscription: Subscription, invoice: Invoice): void {
  if (subscription.status !== 'incomplete') return;
  context.change(subscription, 'customer.subscription.updated', () => {
    subscription.status = 'active';
    if (subscription.payment_settings?.save_default_payment_method !== 'on_subscription') return;
    const [payment] = paymentsOf(invoice).toReversed();
    const intent = context.store.payment_intent.get(payment?.payment.payment_intent ?? '');
    const method = context.store.payment_method.get(intent?.payment_method ?? '');
    if (method !== undefined && method.customer === subscription.customer) {
      subscription.default_payment_method = method.id;
    }
  });
}

/** An attempt to collect failed, or the bank wants to see the customer. What is incomplete stays so. */
export function fellBehind(context: Context, subscription: Subscription, invoice: Invoice): void {
  if (isOfPending(subscription, invoice)) return;
  if (subscription.status === 'active' || subscription.status === 'trialing') become(context, subscription, 'past_due');
  const { settings } = context.account;
  const exhausted = invoice.auto_advance === true && invoice.attempt_count > settings.retryDays.length;
  if (!exhausted || subscription.status !== 'past_due' || settings.afterRetries === 'past_due') return;
  // First the failure is told, which this is a part of; then what comes of it.
  context.later(0, (later) => {
    if (subscription.status !== 'past_due' || invoice.status !== 'open') return;
    if (settings.afterRetries === 'unpaid') become(later, subscription, 'unpaid');
    else end(later, subscription, 'payment_failed');
  });
}

/** Nobody has paid the first invoice within 23 hours. */
export function expire(context: Context, subscription: Subscription): void {
  context.change(subscription, 'customer.subscription.updated', () => {
    subscription.status = 'incomplete_expired';
    subscription.ended_at = context.now();
  });
  const invoice = context.store.invoice.get(subscription.latest_invoice ?? '');
  if (invoice?.status === 'open') voidInvoice(context, invoice);
}
