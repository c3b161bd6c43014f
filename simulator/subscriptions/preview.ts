import type { Context } from '../core/context.ts';
import { missingParam, notSimulated, refused, StripeError } from '../core/errors.ts';
import type { Params } from '../core/params.ts';
import type { Invoice } from '../invoicing/lines.ts';
import { type Bill, itemsFor, previewOf } from './bill.ts';
import { type BillingLine, periodLine } from './billing-line.ts';
import type { Turnover } from './change.ts';
import { planStart } from './create.ts';
import { type Period, periodAt } from './item.ts';
import { planUpdate } from './plan-update.ts';
import type { previewShape } from './preview-params.ts';
import { creditLines } from './proration.ts';
import { firstBill, newSubscription } from './start.ts';
import { hasEnded, needSubscription, type Subscription } from './subscription.ts';
import { recurringOf, type Terms, termsOf } from './terms.ts';

type Sent = Params<typeof previewShape>;
type Details = Partial<NonNullable<Sent['subscription_details']>>;

/**
 * The invoice that would come of a change, of a new subscription, or of no change at all. What decides the amounts of the later
 * invoice decides them here. Source: https://docs.stripe.com/api/invoices/create_preview
 */
export function createPreview(account: Context, sent: Sent): Invoice {
  if (sent.automatic_tax?.enabled === true) throw notSimulated('automatic_tax[enabled]');
  if (sent.subscription === undefined) return previewNew(account, sent);
  const [context, subscription] = needSubscription(account, sent.subscription, 'subscription');
  if (sent.customer !== undefined && sent.customer !== subscription.customer) {
    throw refused('The subscription belongs to another customer.', { param: 'customer' });
  }
  if (sent.currency !== undefined && sent.currency !== subscription.currency) {
    throw refused(`The subscription is in ${subscription.currency}, not in ${sent.currency}.`, { param: 'currency' });
  }
  const customer = context.store.customer.need(subscription.customer);
  const bill = hasEnded(subscription) ? undefined : billOf(context, subscription, sent);
  if (bill === undefined) throw noneUpcoming(customer.id);
  const invoice = dated(previewOf(context, subscription, bill, customer), bill);
  if (bill.lines.some(({ proration }) => proration)) tellProrationDate(invoice, sent, context);
  return invoice;
}

/** "Only set for upcoming invoices that preview prorations." */
function tellProrationDate({ parent }: Invoice, { subscription_details: details }: Sent, context: Context): void {
  const of = parent?.subscription_details;
  if (of != null) of.subscription_proration_date = details?.proration_date ?? context.now();
}

function noneUpcoming(customer: string): StripeError {
  const message = `No upcoming invoices for customer: ${customer}`;
  return new StripeError(404, 'invalid_request_error', message, { code: 'invoice_upcoming_none' });
}

function previewNew(account: Context, sent: Sent): Invoice {
  if (sent.customer === undefined) throw missingParam('customer');
  const customer = account.store.customer.need(sent.customer, 'customer');
  const context = account.inTimeOf(customer.id);
  const { items, trial_end, billing_mode, default_tax_rates, metadata } = sent.subscription_details ?? {};
  const begun = planStart(context, customer, {
    items,
    trial_end,
    billing_mode,
    default_tax_rates,
    metadata,
    currency: sent.currency,
  });
  const subscription = newSubscription(context, begun);
  begun.fields(subscription);
  return previewOf(context, subscription, firstBill(context, subscription, begun), customer);
}

function billOf(context: Context, subscription: Subscription, sent: Partial<Sent>): Bill | undefined {
  const details: Details = sent.subscription_details ?? {};
  const onlyRecurring = sent.preview_mode === 'recurring';
  if (details.cancel_now === true) return ending(context, subscription, details.proration_behavior !== 'none');
  if (details.pause !== undefined) {
    return ending(context, subscription, details.pause.bill_for?.unused_time_from?.type === 'now');
  }
  const change = details.resume_at === 'now' ? resumption : changeOf(details);
  const planned = planUpdate(context, subscription, change);
  if (planned?.bill !== undefined && !onlyRecurring) return planned.bill;
  const endsFirst = details.cancel_at_period_end ?? subscription.cancel_at_period_end;
  if (endsFirst || subscription.status === 'paused') return undefined;
  return renewal(context, subscription, planned?.turnover, onlyRecurring);
}

const resumption = { billing_cycle_anchor: { type: 'now' }, proration_behavior: 'none' } as const;

function changeOf({ items, trial_end, billing_cycle_anchor, proration_behavior, proration_date }: Details) {
  return { items, trial_end, billing_cycle_anchor, proration_behavior, proration_date };
}

/** The next renewal of a subscription that goes on as it is; undefined where there will be none. */
export function upcomingInvoice(context: Context, subscription: Subscription): Invoice | undefined {
  const bill = billOf(context, subscription, {});
  const customer = context.store.customer.get(subscription.customer);
  if (bill === undefined || customer === undefined) return undefined;
  return dated(previewOf(context, subscription, bill, customer), bill);
}

/** A renewal comes with the end of the period, and is collected an hour later. */
function dated(invoice: Invoice, { reason, period }: Bill): Invoice {
  if (reason !== 'subscription_cycle') return invoice;
  invoice.created = period.end;
  invoice.next_payment_attempt = period.end + 3600;
  return invoice;
}

/** What a subscription that ends or pauses now gives back, and what has waited. */
function ending(context: Context, subscription: Subscription, prorates: boolean): Bill | undefined {
  const now = context.now();
  const runs = subscription.status === 'active' || subscription.status === 'past_due';
  const { data } = subscription.items;
  const lines = prorates && runs ? data.flatMap((item) => creditLines(context, subscription, item, now)) : [];
  const items = itemsFor(context, subscription);
  if (lines.length === 0 && items.length === 0) return undefined;
  return { reason: 'subscription_update', lines, items, period: { start: now, end: now }, advances: false };
}

/** The next renewal, with what a change before it leaves waiting. */
function renewal(
  context: Context,
  subscription: Subscription,
  turnover: Turnover | undefined,
  onlyRecurring: boolean,
): Bill {
  const items: readonly { terms: Terms; period: Period }[] =
    turnover?.items ??
    subscription.items.data.map((item) => ({
      terms: termsOf(item),
      period: { start: item.current_period_start, end: item.current_period_end },
    }));
  const anchor = turnover?.anchor ?? subscription.billing_cycle_anchor;
  const at = Math.min(...items.map(({ period }) => period.end));
  const due = items.filter(({ period }) => period.end === at);
  const lines = due.map(
    ({ terms }): BillingLine => periodLine(context, terms, periodAt(anchor, recurringOf(terms.price), at), false),
  );
  return {
    reason: 'subscription_cycle',
    lines: onlyRecurring ? lines : [...(turnover?.lines ?? []), ...lines],
    items: onlyRecurring ? [] : itemsFor(context, subscription),
    period: { start: due[0]?.period.start ?? at, end: at },
    advances: false,
  };
}
