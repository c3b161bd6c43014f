import type { Deps } from '../../billing/deps/deps.ts';
import { type AttemptRow, latestAttempts } from '../../billing/own-invoices/checkout-attempts.ts';
import { amountsOfInvoice, type OwnInvoice } from '../../billing/own-invoices/invoices.ts';
import { paymentLogOf } from '../../billing/own-invoices/payment-log.ts';
import { tokenOf } from '../../billing/own-invoices/public-link.ts';
import { dayIn } from '../../platform/business-day.ts';
import { countedExtras, invoiceState } from '../../views/invoice/invoice-state.ts';

/** An own invoice as /v1 shows it. Amounts in minor units of `currency`, times in ISO 8601 (UTC), days without a time. */
type PresentDeps = Pick<Deps, 'db' | 'publicUrl' | 'timeZone' | 'clock'>;

export async function presentInvoice(invoice: OwnInvoice, deps: PresentDeps): Promise<object> {
  const [presented] = await presentList([invoice], deps);
  return { ...presented, log: await presentLog(invoice.id, deps) };
}

/** For a key that may write, not read: which invoice it was, and what became of it. Nothing that others have written. */
export function presentReceipt({ id, status, number, created_at, issued_at, voided_at }: OwnInvoice): object {
  return { id, status, number, created_at, issued_at, voided_at };
}

/** The same for whoever has just made it. */
export async function presentCreated(invoice: OwnInvoice, deps: PresentDeps): Promise<object> {
  return { ...presentReceipt(invoice), url: await linkOf(invoice, deps) };
}

/** Without the payment logs. */
export async function presentList(invoices: readonly OwnInvoice[], deps: PresentDeps): Promise<object[]> {
  const attempts = await latestAttempts(
    deps.db,
    invoices.map(({ id }) => id),
  );
  return Promise.all(invoices.map((invoice) => presentInList(invoice, attempts.get(invoice.id), deps)));
}

async function presentInList(invoice: OwnInvoice, attempt: AttemptRow | undefined, deps: PresentDeps): Promise<object> {
  const state = invoiceState(invoice, attempt, dayIn(deps.timeZone, deps.clock()));
  const amounts = amountsOfInvoice(invoice, countedExtras(state, invoice, attempt));
  return {
    id: invoice.id,
    status: invoice.status,
    // What the customer's page says.
    state,
    number: invoice.number,
    series: invoice.series,
    url: await linkOf(invoice, deps),
    customer_name: invoice.customer_name,
    customer_email: invoice.customer_email,
    customer_address: invoice.customer_address,
    currency: invoice.currency,
    prices_include_tax: invoice.prices_include_tax,
    due_date: invoice.due_date,
    notes: invoice.notes,
    lines: invoice.lines.map((line) => ({
      id: line.id,
      description: line.description,
      quantity: line.quantity,
      unit_amount: line.unit_amount,
      tax_percent: line.tax_percent,
      optional: line.optional,
      // Not counted: an extra that was not ticked, or not yet.
      counted: amounts.lines.has(line.id),
    })),
    totals: { net: amounts.net, tax: amounts.tax, gross: amounts.gross },
    taxes: amounts.taxes,
    payment: paymentOf(invoice),
    created_at: invoice.created_at,
    issued_at: invoice.issued_at,
    voided_at: invoice.voided_at,
    created_by: invoice.created_by,
  };
}

async function linkOf(invoice: OwnInvoice, { db, publicUrl }: PresentDeps): Promise<string | null> {
  return invoice.number === null ? null : `${publicUrl}/i/${await tokenOf(db, invoice)}`;
}

function paymentOf(invoice: OwnInvoice): object | null {
  if (invoice.status !== 'paid') return null;
  return {
    payment_intent: invoice.payment_intent,
    amount: invoice.paid_amount,
    paid_at: invoice.paid_at,
    /** Ids of the optional lines that were ticked and paid. */
    extras: invoice.paid_extras ?? [],
  };
}

async function presentLog(invoice: string, { db }: PresentDeps): Promise<object[]> {
  return paymentLogOf(db, invoice);
}
