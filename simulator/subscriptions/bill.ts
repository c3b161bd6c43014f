import type { Context } from '../core/context.ts';
import { sublist } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { blankInvoice } from '../invoicing/blank-invoice.ts';
import { copyCustomer, recalculate, refreshDraft } from '../invoicing/figures.ts';
import { isTooSmall, planFinalization } from '../invoicing/finalize.ts';
import { type InvoiceItem, waitingItems } from '../invoicing/item.ts';
import {
  addLine,
  type Invoice,
  type Line,
  linesOf,
  placeLine,
  ratesOfLine,
  showItem,
  showLine,
} from '../invoicing/lines.ts';
import type { BillingLine } from './billing-line.ts';
import { activeDiscounts, useUpDiscounts } from './discounts.ts';
import { type Debit, debitsOf, type Period, setDebits } from './item.ts';
import type { Subscription } from './subscription.ts';

/** What an invoice of a subscription is made of. */
export interface Bill {
  readonly reason: 'subscription_create' | 'subscription_cycle' | 'subscription_update';
  readonly lines: readonly BillingLine[];
  /** The items that have waited for it. */
  readonly items: readonly InvoiceItem[];
  /** The time in which its items were gathered. */
  readonly period: Period;
  /** Whether Stripe finalizes and collects it by itself, after an hour. */
  readonly advances: boolean;
}

/** The items that the next invoice of a subscription takes along, oldest first. */
export function itemsFor(context: Context, subscription: Subscription): InvoiceItem[] {
  const customer = context.store.customer.get(subscription.customer);
  if (customer === undefined) return [];
  const waiting = waitingItems(context, customer, subscription.id).toReversed();
  return waiting.filter(({ currency }) => currency === subscription.currency);
}

/** The draft that Stripe makes of a bill, stored; its items wait no longer. Emits `invoice.created`. */
export function draftOf(context: Context, subscription: Subscription, bill: Bill): Invoice {
  const invoice = headOf(context, subscription, bill);
  for (const item of bill.items) addLine(context, invoice, item);
  for (const line of bill.lines) placeLine(context, invoice, lineOf(context, subscription, invoice, line));
  context.store.invoice.add(invoice);
  recalculate(context, invoice);
  refreshDraft(context, invoice);
  useUpDiscounts(context, subscription, invoice);
  subscription.latest_invoice = invoice.id;
  if (bill.advances) {
    invoice.auto_advance = true;
    planFinalization(context, invoice);
  }
  context.emit('invoice.created', invoice);
  return invoice;
}

/** The same invoice as a preview: nothing is stored, the items go on waiting. */
export function previewOf(
  context: Context,
  subscription: Subscription,
  bill: Bill,
  customer: ObjectTypes['customer'],
): Invoice {
  const invoice = headOf(context, subscription, bill, customer);
  invoice.id = `upcoming_${invoice.id}`;
  invoice.billing_reason = 'upcoming';
  for (const item of bill.items) showItem(context, invoice, item);
  for (const line of bill.lines) showLine(invoice, lineOf(context, subscription, invoice, line));
  recalculate(context, invoice);
  copyCustomer(context, invoice, customer);
  if (isTooSmall(invoice)) {
    invoice.amount_due = 0;
    invoice.amount_remaining = 0;
  }
  invoice.lines = sublist(linesOf(invoice), invoice.lines.url, 250);
  return invoice;
}

function headOf(
  context: Context,
  subscription: Subscription,
  { reason, period }: Bill,
  customer = context.store.customer.need(subscription.customer),
): Invoice {
  const invoice = blankInvoice(context, customer, subscription.currency);
  invoice.billing_reason = reason;
  invoice.parent = {
    quote_details: null,
    subscription_details: { metadata: { ...subscription.metadata }, subscription: subscription.id },
    type: 'subscription_details',
  };
  invoice.discounts = activeDiscounts(context, subscription, customer);
  invoice.default_tax_rates = [...(subscription.default_tax_rates ?? [])];
  invoice.period_start = period.start;
  invoice.period_end = period.end;
  return invoice;
}

function lineOf(context: Context, { id }: Subscription, invoice: Invoice, line: BillingLine): Line {
  const { price, quantity, amount } = line;
  const made: Line = {
    id: context.id('il_'),
    object: 'line_item',
    amount,
    currency: invoice.currency,
    description: line.description,
    discount_amounts: [],
    discountable: !line.proration,
    discounts: [],
    invoice: invoice.id,
    livemode: context.livemode,
    metadata: {},
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: line.proration,
        proration_details: line.proration ? { credited_items: creditedBy(line) } : null,
        subscription: id,
        subscription_item: line.item,
      },
      type: 'subscription_item_details',
    },
    period: { start: line.period.start, end: line.period.end },
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: price.id, product: price.product },
      type: 'price_details',
      unit_amount_decimal: price.unit_amount_decimal,
    },
    quantity,
    quantity_decimal: String(quantity),
    subscription: id,
    subtotal: amount,
    taxes: [],
  };
  if (line.taxRates.length > 0) ratesOfLine.set(made, line.taxRates);
  return made;
}

export function creditedBy({ credits }: BillingLine): { invoice: string; invoice_line_items: string[] } | null {
  const charged = credits?.charged;
  return charged === undefined ? null : { invoice: charged.invoice, invoice_line_items: [charged.line] };
}

/** An invoice that charges for time ahead is what a later change gives credit for: after its discounts. */
export function noteDebits(context: Context, invoice: Invoice): void {
  for (const line of linesOf(invoice)) {
    const details = line.parent?.subscription_item_details;
    const item = context.store.subscription_item.get(details?.subscription_item ?? '');
    if (details == null || item === undefined || line.amount <= 0) continue;
    const charged = { invoice: invoice.id, line: line.id };
    const off = line.discount_amounts?.reduce((sum, { amount }) => sum + amount, 0) ?? 0;
    const earlier = debitsOf(item, context.now());
    const waiting = earlier.find((one) => one.charged === undefined && samePeriod(one, line));
    const debit: Debit = waiting ?? {
      amount: line.amount - off,
      start: line.period.start,
      end: line.period.end,
      quantity: line.quantity ?? 1,
      price: item.price,
      charged,
    };
    setDebits(item, [...earlier.filter((one) => one !== waiting), { ...debit, charged }]);
  }
}

const samePeriod = (debit: Debit, { period }: Line): boolean =>
  debit.start === period.start && debit.end === period.end;
