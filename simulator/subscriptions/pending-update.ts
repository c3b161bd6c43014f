import type { Context } from '../core/context.ts';
import { refused } from '../core/errors.ts';
import { HiddenField } from '../core/hidden-field.ts';
import { finalize } from '../invoicing/finalize.ts';
import { voidInvoice } from '../invoicing/invoice-actions.ts';
import type { Invoice } from '../invoicing/lines.ts';
import { draftOf, noteDebits } from './bill.ts';
import { planOf } from './item.ts';
import type { PlannedUpdate } from './plan-update.ts';
import { collectNow } from './start.ts';
import { firstPeriodEnd, methodOf, type Subscription, type SubscriptionItem } from './subscription.ts';

/** How long a change waits for its payment: https://docs.stripe.com/billing/subscriptions/pending-updates */
const WAITS = 23 * 3600;

/** A change that waits for its invoice to be paid. */
interface Pending {
  readonly planned: PlannedUpdate;
  readonly invoice: Invoice;
}

const pendings = new HiddenField<Subscription, Pending>('pendings');

const SUPPORTED = new Set([
  'add_invoice_items',
  'billing_cycle_anchor',
  'items',
  'off_session',
  'payment_behavior',
  'proration_behavior',
  'proration_date',
  'trial_end',
]);

/** Of an item its price and its quantity may wait, and nothing else. */
const OF_ITEMS = new Set(['id', 'price', 'price_data', 'quantity']);

/** Kinds whose payments take days: "Pending updates aren't supported … when bank debits are used". */
const DEBITS = new Set<string>(['sepa_debit', 'us_bank_account']);

/**
 * "When using pending_if_incomplete, only certain parameters are supported."
 * https://docs.stripe.com/billing/subscriptions/pending-updates-reference
 */
export function checkPending(
  context: Context,
  subscription: Subscription,
  { items = [], ...sent }: { items?: readonly object[] | undefined },
): void {
  const named = Object.entries(sent).find(([name, value]) => value !== undefined && !SUPPORTED.has(name))?.[0];
  const other = named ?? items.flatMap((item, index) => otherOf(item, index))[0];
  if (other !== undefined) {
    throw refused(`The parameter ${other} cannot be used with \`payment_behavior=pending_if_incomplete\`.`, {
      param: other,
    });
  }
  const method = context.store.payment_method.get(methodOf(context, subscription) ?? '');
  if (method === undefined || !DEBITS.has(method.type)) return;
  throw refused(`Pending updates are not supported for the payment method type \`${method.type}\`.`, {
    param: 'payment_behavior',
  });
}

function otherOf(item: object, index: number): string[] {
  return Object.entries(item).flatMap(([name, value]) =>
    value === undefined || OF_ITEMS.has(name) ? [] : [`items[${index}][${name}]`],
  );
}

/**
 * The payment of a change would fail: its invoice is made and tried, and the subscription stays what it is until somebody pays
 * it. Emits `customer.subscription.updated` with the `pending_update`.
 */
export function putOff(
  context: Context,
  subscription: Subscription,
  planned: PlannedUpdate,
  sent: { trial_end?: number | 'now' | undefined; billing_cycle_anchor?: { type: string } | undefined },
): void {
  const { bill, turnover } = planned;
  if (bill === undefined) throw new Error(`Bug: the change of ${subscription.id} has no invoice to wait for`);
  dropPending(context, subscription);
  const now = context.now();
  let invoice: Invoice | undefined;
  context.change(subscription, 'customer.subscription.updated', () => {
    invoice = draftOf(context, subscription, bill);
    pendings.set(subscription, { planned, invoice });
    subscription.pending_update = {
      billing_cycle_anchor: sent.billing_cycle_anchor?.type === 'now' ? now : null,
      cancel_at_period_end: null,
      discount: null,
      discounts: null,
      // Best knowledge: what would begin with the next period is not waited for beyond this one.
      expires_at: Math.min(now + WAITS, Math.max(now + 1, firstPeriodEnd(subscription))),
      metadata: null,
      subscription_items: turnover.items.map((plan) => shownItem(context, subscription, plan)),
      trial_end: typeof sent.trial_end === 'number' ? sent.trial_end : null,
      trial_from_plan: null,
    };
  });
  if (invoice === undefined) return;
  finalize(context, invoice, false);
  collectNow(context, invoice);
}

function shownItem(
  context: Context,
  subscription: Subscription,
  { terms, period }: PlannedUpdate['turnover']['items'][number],
): SubscriptionItem {
  return {
    id: terms.id,
    object: 'subscription_item',
    billing_thresholds: null,
    created: context.store.subscription_item.get(terms.id)?.created ?? context.now(),
    current_period_end: period.end,
    current_period_start: period.start,
    current_trial: null,
    discounts: [],
    metadata: terms.metadata,
    plan: planOf(terms.price),
    price: terms.price,
    quantity: terms.quantity,
    subscription: subscription.id,
    tax_rates: [...terms.taxRates],
  };
}

/** Whether an invoice is that of the change that a subscription waits for: not paying it leaves the old terms alone. */
export const isOfPending = (subscription: Subscription, invoice: Invoice): boolean =>
  pendings.get(subscription)?.invoice === invoice;

/** The invoice was paid: now the change is made. */
export function applyPending(context: Context, subscription: Subscription): void {
  const pending = pendings.get(subscription);
  if (pending === undefined) return;
  pendings.delete(subscription);
  context.change(subscription, 'customer.subscription.updated', () => {
    pending.planned.turnover.apply(context, subscription);
    noteDebits(context, pending.invoice);
    subscription.pending_update = null;
  });
  context.emit('customer.subscription.pending_update_applied', subscription);
}

/** Nobody has paid in time, or another change has come: the invoice is void. */
export function dropPending(context: Context, subscription: Subscription): void {
  const pending = pendings.get(subscription);
  if (pending === undefined) return;
  pendings.delete(subscription);
  context.change(subscription, 'customer.subscription.updated', () => {
    subscription.pending_update = null;
  });
  if (pending.invoice.status === 'open') voidInvoice(context, pending.invoice);
  context.emit('customer.subscription.pending_update_expired', subscription);
}
