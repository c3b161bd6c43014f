import type { Context } from '../core/context.ts';
import type { Params } from '../core/params.ts';
import { attemptByItself } from '../invoicing/collect.ts';
import { finalize, planFinalization } from '../invoicing/finalize.ts';
import { voidInvoice } from '../invoicing/invoice-actions.ts';
import type { Invoice } from '../invoicing/lines.ts';
import { draftOf, itemsFor } from './bill.ts';
import type { cancellationDetails } from './params.ts';
import type { Subscription } from './subscription.ts';

type Details = NonNullable<Subscription['cancellation_details']>;
export type SentDetails = Params<{ details: typeof cancellationDetails }>['details'];

export function noteDetails(subscription: Subscription, sent: SentDetails, reason?: Details['reason']): void {
  const before = subscription.cancellation_details;
  subscription.cancellation_details = {
    comment: sent?.comment === undefined ? (before?.comment ?? null) : sent.comment,
    feedback: sent?.feedback === undefined ? (before?.feedback ?? null) : sent.feedback,
    feedback_option: null,
    reason: reason === undefined ? (before?.reason ?? null) : reason,
  };
}

/** Plans the end, or calls it off with null. Seconds. */
export function planEnd(context: Context, subscription: Subscription, at: number | null, atPeriodEnd: boolean): void {
  subscription.cancel_at = at;
  subscription.cancel_at_period_end = atPeriodEnd;
  subscription.canceled_at = at === null ? null : context.now();
  noteDetails(subscription, undefined, at === null ? null : 'cancellation_requested');
}

/**
 * The subscription is over. What is still to be paid is not collected by itself any more; of one that never began the first
 * invoice is void. Emits `customer.subscription.deleted`.
 */
export function end(context: Context, subscription: Subscription, reason?: Details['reason']): void {
  const neverBegan = subscription.status === 'incomplete';
  subscription.status = 'canceled';
  subscription.canceled_at ??= context.now();
  subscription.ended_at = context.now();
  subscription.pending_update = null;
  if (reason !== undefined) noteDetails(subscription, undefined, reason);
  const left = context.store.invoice.oldestFirst(
    ({ status, parent }) =>
      (status === 'open' || status === 'draft') && parent?.subscription_details?.subscription === subscription.id,
  );
  for (const invoice of left) {
    // As every change of an invoice it is told, best knowledge.
    context.change(invoice, 'invoice.updated', () => {
      invoice.auto_advance = false;
      invoice.automatically_finalizes_at = null;
      invoice.next_payment_attempt = null;
    });
    if (neverBegan && invoice.status === 'open') voidInvoice(context, invoice);
  }
  context.emit('customer.subscription.deleted', subscription);
}

/** The planned end has come: there is no further period, but what waits for an invoice gets its last one. */
export function endAsPlanned(context: Context, subscription: Subscription): void {
  const last = draftWhatWaits(context, subscription, 'subscription_cycle');
  end(context, subscription);
  if (last === undefined) return;
  last.auto_advance = true;
  planFinalization(context, last);
}

/** An invoice of what waits alone, if anything does: a draft, which is to be made before its subscription is told of. */
export function draftWhatWaits(
  context: Context,
  subscription: Subscription,
  reason: 'subscription_cycle' | 'subscription_update' = 'subscription_update',
): Invoice | undefined {
  const items = itemsFor(context, subscription);
  if (items.length === 0) return undefined;
  const period = { start: context.now(), end: context.now() };
  return draftOf(context, subscription, { reason, lines: [], items, period, advances: false });
}

/** Collects such an invoice at once: `invoice_now`. */
export function collectLast(context: Context, invoice: Invoice | undefined): void {
  if (invoice === undefined) return;
  finalize(context, invoice, true);
  if (invoice.status === 'open') attemptByItself(context, invoice);
}
