import type Stripe from 'stripe';
import { expect } from 'vitest';
import type { Records } from '../../support/records.ts';
import type { Bought } from './expected-access.ts';
import { ofSubscription } from './expected-access.ts';
import { idOf, intentsOf } from './world.ts';

/** What is kept of somebody's subscriptions and of their invoices is what Stripe says now, field by field. */
export async function expectMirrored(records: Records, bought: Bought, what: string): Promise<void> {
  const { subscriptions, invoices } = bought;
  const ids = subscriptions.map(({ id }) => id);
  const [kept, items, keptInvoices, lines] = await Promise.all([
    records.rows<Row>('select * from subscriptions where id = any($1)', [ids]),
    records.rows<Row>('select * from subscription_items where subscription = any($1)', [ids]),
    records.rows<Row>('select * from subscription_invoices where subscription = any($1)', [ids]),
    records.rows<Row>(
      `select l.* from subscription_invoice_lines l join subscription_invoices i on i.id = l.invoice
       where i.subscription = any($1)`,
      [ids],
    ),
  ]);
  const live = subscriptions.map((each) => followed(subscriptionRow(each, bought)));
  expect(only(kept, live), `${what}: subscriptions`).toEqual(sorted(live));
  const liveItems = subscriptions.flatMap(itemRows);
  expect(only(items, liveItems), `${what}: items`).toEqual(sorted(liveItems));
  const theirs = invoices.filter((invoice) => ids.includes(ofSubscription(invoice)));
  const liveInvoices = theirs.map((each) => followed(invoiceRow(each)));
  expect(only(keptInvoices, liveInvoices), `${what}: invoices`).toEqual(sorted(liveInvoices));
  const liveLines = theirs.flatMap(lineRows);
  expect(only(lines, liveLines), `${what}: lines`).toEqual(sorted(liveLines));
}

type Row = Record<string, unknown>;

/** The columns that Stripe has a word for, moments in seconds. */
function only(rows: readonly Row[], live: readonly Row[]): Row[] {
  const columns = Object.keys(live[0] ?? {});
  return sorted(
    rows.map((row) => {
      return followed(Object.fromEntries(columns.map((name) => [name, plain(row[name])])));
    }),
  );
}

/**
 * What changes without a word of Stripe, or is not followed any more: what a draft asks for goes by the balance of its customer,
 * and the customer's particulars are followed as long as the subscription goes on.
 */
function unfollowed(status: unknown): ReadonlySet<string> {
  if (status === 'draft') return new Set(['amount_due', 'amount_remaining']);
  return new Set(status === 'canceled' || status === 'incomplete_expired' ? ['default_payment_method', 'email'] : []);
}

function followed(row: Row): Row {
  const hidden = unfollowed(row.status);
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, hidden.has(name) ? undefined : value]));
}

function plain(value: unknown): unknown {
  return value instanceof Date ? value.getTime() / 1_000 : value;
}

function sorted(rows: readonly Row[]): Row[] {
  return [...rows].sort((one, other) => (String(one.id) < String(other.id) ? -1 : 1));
}

function subscriptionRow(live: Stripe.Subscription, { customer }: Bought): Row {
  const method = live.default_payment_method ?? customer.invoice_settings.default_payment_method;
  return {
    id: live.id,
    customer: customer.id,
    livemode: live.livemode,
    status: live.status,
    collection_method: live.collection_method,
    billing_mode: live.billing_mode.type,
    currency: live.currency,
    cancel_at_period_end: live.cancel_at_period_end,
    cancel_at: live.cancel_at,
    canceled_at: live.canceled_at,
    ended_at: live.ended_at,
    cancellation_reason: live.cancellation_details?.reason ?? null,
    trial_start: live.trial_start,
    trial_end: live.trial_end,
    after_trial: live.trial_settings?.end_behavior.missing_payment_method,
    pause_collection: live.pause_collection?.behavior ?? null,
    pause_resumes_at: live.pause_collection?.resumes_at ?? null,
    pending_update_until: live.pending_update?.expires_at ?? null,
    schedule: live.schedule === null ? null : idOf(live.schedule),
    default_payment_method: method === null ? null : idOf(method),
    latest_invoice: live.latest_invoice === null ? null : idOf(live.latest_invoice),
    email: customer.email,
    created: live.created,
  };
}

function itemRows({ id: subscription, items }: Stripe.Subscription): Row[] {
  return items.data.map(({ id, price, quantity, current_period_start, current_period_end }) => ({
    id,
    subscription,
    price: price.id,
    quantity,
    period_start: current_period_start,
    period_end: current_period_end,
  }));
}

function invoiceRow(live: Stripe.Invoice): Row {
  const isOffStripe = live.status === 'paid' && intentsOf(live, 'paid').length === 0;
  return {
    id: live.id,
    subscription: ofSubscription(live),
    number: live.number,
    status: live.status,
    billing_reason: live.billing_reason,
    collection_method: live.collection_method,
    currency: live.currency,
    total: live.total,
    amount_due: live.amount_due,
    amount_paid: live.amount_paid,
    amount_remaining: live.amount_remaining,
    amount_off_stripe: isOffStripe ? live.amount_paid : 0,
    attempt_count: live.attempt_count,
    next_payment_attempt: live.next_payment_attempt,
    due_date: live.due_date,
    hosted_invoice_url: live.hosted_invoice_url ?? null,
    created: live.created,
    finalized_at: live.status_transitions.finalized_at,
    paid_at: live.status_transitions.paid_at,
  };
}

function lineRows({ id: invoice, lines }: Stripe.Invoice): Row[] {
  return lines.data.map(({ id, parent, pricing, quantity, amount, period }) => {
    const details = parent?.subscription_item_details ?? parent?.invoice_item_details;
    return {
      id,
      invoice,
      item: parent?.subscription_item_details?.subscription_item ?? null,
      price: pricing?.price_details ? idOf(pricing.price_details.price) : null,
      quantity,
      amount,
      proration: details?.proration ?? false,
      period_start: period.start,
      period_end: period.end,
    };
  });
}
