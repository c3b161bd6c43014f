import type { Context } from '../core/context.ts';
import { sublist } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { taxIdsOf } from '../customers/tax-ids.ts';
import { reductionOf } from './discounts.ts';
import { givenTaxesOf, type Invoice, itemOf, type Line, linesOf, ratesOfLine } from './lines.ts';
import { type Summand, sumUp, type Taxation } from './totals.ts';

type Customer = ObjectTypes['customer'];

/** Adds up a draft again after its lines, discounts or tax rates have changed. */
export function recalculate(context: Context, invoice: Invoice): void {
  const lines = linesOf(invoice);
  const summands = lines.map((line) => summand(context, invoice, line));
  const sums = sumUp(
    summands,
    (invoice.discounts ?? []).map((id) => reductionOf(context, id)),
  );
  for (const [index, line] of lines.entries()) {
    const figures = sums.lines[index];
    line.discount_amounts = figures?.discountAmounts ?? [];
    line.pretax_credit_amounts = line.discount_amounts.map((one) => ({ ...one, type: 'discount' as const }));
    line.taxes = figures?.taxes ?? [];
  }
  invoice.lines = sublist(lines, `/v1/invoices/${invoice.id}/lines`);
  invoice.subtotal = sums.subtotal;
  invoice.subtotal_excluding_tax = sums.subtotalExcludingTax;
  invoice.amount_shipping = invoice.shipping_cost?.amount_subtotal ?? 0;
  invoice.total = sums.total + (invoice.shipping_cost?.amount_total ?? 0);
  invoice.total_excluding_tax = sums.totalExcludingTax + invoice.amount_shipping;
  invoice.total_discount_amounts = sums.discountAmounts;
  invoice.total_pretax_credit_amounts = sums.discountAmounts.map((one) => ({ ...one, type: 'discount' as const }));
  invoice.total_taxes = sums.taxes;
  applyBalance(context, invoice);
}

function summand(context: Context, invoice: Invoice, line: Line): Summand {
  return {
    amount: line.amount,
    discountable: line.discountable,
    reductions: line.discounts.map((id) => reductionOf(context, id)),
    taxation: taxationOf(context, invoice, line),
  };
}

function taxationOf(context: Context, invoice: Invoice, line: Line): Taxation {
  const amounts = givenTaxesOf(line);
  if (amounts !== undefined) return { amounts };
  const own = ratesOfLine.get(line) ?? itemOf(context, line)?.tax_rates ?? [];
  return { rates: own.length > 0 ? own : invoice.default_tax_rates };
}

/** The customer's balance in the invoice's currency: negative in the customer's favour. */
export function balanceFor(context: Context, invoice: Invoice): number {
  const customer = customerOf(context, invoice);
  return customer === undefined || customer.currency !== invoice.currency ? 0 : customer.balance;
}

export const customerOf = (context: Context, invoice: Invoice): Customer | undefined =>
  context.store.customer.get(invoice.customer ?? '');

/**
 * "You can't choose to not apply the invoice balance": the customer's credit lowers what is due, a debit raises it. The total
 * stays. Source: https://docs.stripe.com/billing/customer/balance
 */
export function applyBalance(context: Context, invoice: Invoice): void {
  invoice.starting_balance = balanceFor(context, invoice);
  invoice.amount_due = Math.max(0, invoice.total + invoice.starting_balance);
  invoice.amount_remaining = invoice.amount_due - invoice.amount_paid;
}

/** "Until the invoice is finalized, this field will equal customer.…": brings a draft's copies up to date. */
export function refreshDraft(context: Context, invoice: Invoice): Invoice {
  if (invoice.status !== 'draft') return invoice;
  const customer = customerOf(context, invoice);
  if (customer !== undefined) copyCustomer(context, invoice, customer);
  applyBalance(context, invoice);
  return invoice;
}

export function copyCustomer(context: Context, invoice: Invoice, customer: Customer): void {
  invoice.customer_address = customer.address ?? null;
  invoice.customer_email = customer.email;
  invoice.customer_name = customer.name ?? null;
  invoice.customer_phone = customer.phone ?? null;
  invoice.customer_shipping = customer.shipping;
  invoice.customer_tax_exempt = customer.tax_exempt ?? null;
  invoice.customer_tax_ids = taxIdsOf(context, customer.id).map(({ type, value }) => ({ type, value }));
}
