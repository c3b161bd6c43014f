import type Stripe from 'stripe';

/** What was taken back from a payment, as Stripe knows it now, oldest first. */
export interface RefundsAndDisputes {
  readonly refunds: readonly Stripe.Refund[];
  readonly disputes: readonly Stripe.Dispute[];
}

/** A payment has few of either; a thousand is a bound, not an expectation. */
const MOST = 1_000;

export async function fetchRefundsAndDisputes(stripe: Stripe, paymentIntent: string): Promise<RefundsAndDisputes> {
  const filter = { payment_intent: paymentIntent, limit: 100 };
  const [refunds, disputes] = await Promise.all([
    stripe.refunds.list(filter).autoPagingToArray({ limit: MOST }),
    stripe.disputes.list(filter).autoPagingToArray({ limit: MOST }),
  ]);
  return { refunds: refunds.reverse(), disputes: disputes.reverse() };
}

/** An invoice with every one of its lines. */
export interface InvoiceWithLines {
  readonly invoice: Stripe.Invoice;
  readonly lines: readonly Stripe.InvoiceLineItem[];
  readonly notes: readonly Stripe.CreditNote[];
}

export async function fetchInvoiceAndNotes(stripe: Stripe, id: string): Promise<InvoiceWithLines> {
  const [invoice, notes] = await Promise.all([
    stripe.invoices.retrieve(id),
    stripe.creditNotes.list({ invoice: id, limit: 100 }).autoPagingToArray({ limit: MOST }),
  ]);
  const lines = invoice.lines.has_more
    ? await stripe.invoices.listLineItems(id, { limit: 100 }).autoPagingToArray({ limit: MOST })
    : invoice.lines.data;
  return { invoice, lines, notes };
}
