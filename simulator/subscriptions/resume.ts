import type { Context } from '../core/context.ts';
import { notSimulated, refused } from '../core/errors.ts';
import { HiddenField } from '../core/hidden-field.ts';
import type { Params } from '../core/params.ts';
import { finalize } from '../invoicing/finalize.ts';
import { voidInvoice } from '../invoicing/invoice-actions.ts';
import type { Invoice } from '../invoicing/lines.ts';
import { draftOf, noteDebits } from './bill.ts';
import type { resumeShape } from './params.ts';
import { type PlannedUpdate, planUpdate } from './plan-update.ts';
import { collectNow } from './start.ts';
import type { Subscription } from './subscription.ts';

/** "If there is no payment attempt within 23 hours, Stripe voids the invoice and the subscription stays paused." */
const WAITS = 23 * 3600;

/** A paused subscription whose invoice must be paid before it goes on. */
interface Resumption {
  readonly planned: PlannedUpdate;
  readonly invoice: Invoice;
}

const resumptions = new HiddenField<Subscription, Resumption>('resumptions');

/** Seconds; undefined where nothing is waited for. */
export const resumptionEnds = (subscription: Subscription): number | undefined => {
  const waiting = resumptions.get(subscription);
  return waiting === undefined ? undefined : waiting.invoice.created + WAITS;
};

/** New periods begin now, and are billed at once: https://docs.stripe.com/api/subscriptions/resume */
export function resume(context: Context, subscription: Subscription, sent: Params<typeof resumeShape>): Subscription {
  if (subscription.status !== 'paused') {
    throw refused(
      `Only paused subscriptions can be resumed. This subscription has a status of ${subscription.status}.`,
    );
  }
  if (sent.billing_cycle_anchor?.type === 'unchanged') throw notSimulated('billing_cycle_anchor[type]');
  dropResumption(context, subscription);
  const planned = planUpdate(context, subscription, {
    billing_cycle_anchor: { type: 'now' },
    proration_behavior: 'none',
  });
  if (planned?.bill === undefined) throw new Error(`Bug: nothing to bill for ${subscription.id}`);
  const { bill } = planned;
  const waits = sent.payment_behavior === 'resume_on_payment_success';
  let invoice: Invoice | undefined;
  if (waits) {
    context.change(subscription, 'customer.subscription.updated', () => {
      invoice = draftOf(context, subscription, bill);
      resumptions.set(subscription, { planned, invoice });
    });
  } else {
    goOn(context, subscription, planned, () => {
      invoice = draftOf(context, subscription, bill);
      noteDebits(context, invoice);
    });
  }
  if (invoice === undefined) return subscription;
  finalize(context, invoice, !waits);
  collectNow(context, invoice);
  return subscription;
}

function goOn(context: Context, subscription: Subscription, { turnover }: PlannedUpdate, also: () => void): void {
  context.change(subscription, 'customer.subscription.updated', () => {
    turnover.apply(context, subscription);
    subscription.status = 'active';
    delete subscription.status_details;
    also();
  });
  context.emit('customer.subscription.resumed', subscription);
}

export const isOfResumption = (subscription: Subscription, invoice: Invoice): boolean =>
  resumptions.get(subscription)?.invoice === invoice;

/** The invoice was paid or given up: the subscription goes on. A void one leaves it paused. */
export function settleResumption(context: Context, subscription: Subscription): void {
  const waiting = resumptions.get(subscription);
  if (waiting === undefined) return;
  resumptions.delete(subscription);
  if (waiting.invoice.status === 'void') return;
  goOn(context, subscription, waiting.planned, () => noteDebits(context, waiting.invoice));
}

export function dropResumption(context: Context, subscription: Subscription): void {
  const waiting = resumptions.get(subscription);
  if (waiting === undefined) return;
  resumptions.delete(subscription);
  if (waiting.invoice.status === 'open') voidInvoice(context, waiting.invoice);
}
