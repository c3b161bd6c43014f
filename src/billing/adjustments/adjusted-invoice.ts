import { fetchInvoiceAndNotes, type InvoiceWithLines } from '../../stripe/refunds-and-disputes.ts';
import type { Deps } from '../deps.ts';
import { findClaim, type Settlement } from '../invoicing/payment-invoices.ts';
import type { PaymentLease } from '../invoicing/payments.ts';
import { refOf } from '../invoicing/payments.ts';
import type { CreditNoteRow } from './credit-notes.ts';

/** The invoice that a payment's notes are written on, or why there is none. */
export type AdjustedInvoice =
  | { readonly onInvoice: InvoiceWithLines; readonly settlement: Settlement }
  | { readonly never: string };

export async function adjustedInvoice(deps: Deps, lease: PaymentLease): Promise<AdjustedInvoice> {
  const { db, stripe, adjustStripeInvoices } = deps;
  const claim = await findClaim(db, refOf(lease));
  if (claim?.step === 'paid' && claim.stripe_invoice && claim.settlement) {
    return { onInvoice: await fetchInvoiceAndNotes(stripe, claim.stripe_invoice), settlement: claim.settlement };
  }
  if (!adjustStripeInvoices) return { never: 'the payment was not invoiced by us' };

  // Stripe attaches the payment to the invoices it makes itself; some appear only after the payment was first looked at.
  const payments = await stripe.invoicePayments.list({
    payment: { type: 'payment_intent', payment_intent: lease.row.payment_intent },
    status: 'paid',
    limit: 1,
  });
  const foreign = payments.data[0]?.invoice;
  if (!foreign) return { never: `the payment was never invoiced: ${lease.row.reason ?? 'it was not eligible'}` };
  const id = typeof foreign === 'string' ? foreign : foreign.id;
  return { onInvoice: await fetchInvoiceAndNotes(stripe, id), settlement: 'attached' };
}

/**
 * Minor units that may still be credited on the invoice: its notes never exceed its total. Counted are the notes that
 * Stripe told of and our own claims that were not among them, issued since or on the way.
 */
export function creditable({ invoice, notes }: InvoiceWithLines, claims: readonly CreditNoteRow[]): number {
  const told = notes.filter(({ status }) => status !== 'void');
  const own = claims.filter(
    (claim) => claim.stripe_invoice === invoice.id && !told.some(({ id }) => id === claim.stripe_credit_note),
  );
  return invoice.total - sumOf(told.map(({ total }) => total)) - sumOf(own.map(({ amount }) => amount));
}

function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}
