import type { Context } from '../core/context.ts';
import { sublist } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { attemptByItself } from '../invoicing/collect.ts';
import { finalize } from '../invoicing/finalize.ts';
import type { Invoice } from '../invoicing/lines.ts';
import { type Bill, draftOf, itemsFor, noteDebits } from './bill.ts';
import { periodLine } from './billing-line.ts';
import { ownDiscount } from './discounts.ts';
import { newItem, type Period, periodAt } from './item.ts';
import type { Subscription } from './subscription.ts';
import { recurringOf, type Terms } from './terms.ts';

/** What a subscription begins with; everything else has Stripe's default. */
export interface Start {
  readonly customer: ObjectTypes['customer'];
  readonly terms: readonly Terms[];
  /** Seconds; null without a trial. */
  readonly trialEnd: number | null;
  readonly mode: Subscription['billing_mode']['type'];
  /** Sets what else was asked for, when the periods are there. */
  readonly fields: (subscription: Subscription) => void;
  /** Redeems the coupons that it was given. */
  readonly discounts: () => string[];
  /** Makes wait what is sold once along with the first invoice. */
  readonly extras: (subscription: Subscription) => void;
}

/**
 * A subscription with its first invoice, finalized and not collected yet: incomplete until that is paid, trialing where there
 * is a trial, active at once where nothing is due. Emits `customer.subscription.created`.
 * Source: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
 */
export function start(context: Context, begun: Start): { subscription: Subscription; invoice: Invoice } {
  const { customer } = begun;
  const subscription = context.store.subscription.add(newSubscription(context, begun));
  const period = startOf(context, begun);
  subscription.items.data = begun.terms.map((terms) => newItem(context, subscription, terms, period(terms)));
  customer.currency ??= subscription.currency;
  subscription.discounts = begun.discounts().map((id) => ownDiscount(context, subscription, id));
  begun.fields(subscription);
  begun.extras(subscription);
  const invoice = draftOf(context, subscription, firstBill(context, subscription, begun));
  noteDebits(context, invoice);
  context.emit('customer.subscription.created', subscription);
  finalize(context, invoice);
  return { subscription, invoice };
}

/** The first invoice: of the periods that begin now, and of what has waited. */
export function firstBill(context: Context, subscription: Subscription, begun: Start): Bill {
  const period = startOf(context, begun);
  const now = context.now();
  return {
    reason: 'subscription_create',
    lines: begun.terms.map((terms) => periodLine(context, terms, period(terms), begun.trialEnd !== null)),
    items: itemsFor(context, subscription),
    period: { start: now, end: now },
    advances: false,
  };
}

/** Tries to collect an invoice that was just made. How it went is told by events, and by the subscription's status. */
export function collectNow(context: Context, invoice: Invoice): void {
  if (invoice.status === 'open') attemptByItself(context, invoice);
}

/** A trial is the first period, and what comes after is counted from its end. */
function startOf(context: Context, { trialEnd }: Pick<Start, 'trialEnd'>): (terms: Terms) => Period {
  const now = context.now();
  if (trialEnd !== null) return () => ({ start: now, end: trialEnd });
  return ({ price }) => periodAt(now, recurringOf(price), now);
}

/** Not stored, without items. */
export function newSubscription(context: Context, { customer, terms, trialEnd, mode }: Start): Subscription {
  const id = context.id('sub_');
  const now = context.now();
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: trialEnd ?? now,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: mode === 'flexible' ? { proration_discounts: 'included' } : null, type: mode },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: 'charge_automatically',
    created: now,
    currency: terms[0]?.price.currency ?? 'usd',
    customer: customer.id,
    customer_account: null,
    days_until_due: null,
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: sublist([], `/v1/subscription_items?subscription=${id}`),
    latest_invoice: null,
    livemode: context.livemode,
    managed_payments: null,
    metadata: {},
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: 'off',
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: now,
    status: trialEnd === null ? 'incomplete' : 'trialing',
    test_clock: customer.test_clock ?? null,
    transfer_data: null,
    trial_end: trialEnd,
    trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' } },
    trial_start: trialEnd === null ? null : now,
  };
}
