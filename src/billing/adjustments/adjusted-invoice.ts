import type Stripe from 'stripe';
import { documentOf } from '../../stripe/our-documents.ts';
import { fetchInvoiceAndNotes, type InvoiceWithLines } from '../../stripe/refunds-and-disputes.ts';
import type { Deps } from '../deps/deps.ts';
import type { PaymentRow } from '../payments/payment-row.ts';
import { findClaim, type Settlement } from '../stripe-invoices/payment-invoices.ts';
import { type CreditNoteRow, notesOfPayment } from './credit-notes.ts';

/** The invoices that a payment's notes are written on, or why there are none (yet). */
export type AdjustedInvoices =
  | {
      readonly invoices: readonly [InvoiceWithLines, ...InvoiceWithLines[]];
      readonly settlement: Settlement;
    }
  | { readonly none: { readonly decision: 'none' | 'wait' | 'off'; readonly reason: string } };

/** What was decided about the payment before. */
export type DecidedPayment = Pick<
  PaymentRow,
  'account' | 'payment_intent' | 'verdict' | 'reason' | 'parked_for' | 'unbooked_since'
>;

/** Only reads. */
export async function adjustedInvoices(row: DecidedPayment, deps: Deps): Promise<AdjustedInvoices> {
  const { db, stripe } = deps;
  const ref = { account: row.account, paymentIntent: row.payment_intent };
  if (row.verdict === 'review') return none('wait', `the payment waits for a person: ${row.parked_for ?? row.reason}`);
  if (row.unbooked_since) return none('wait', 'the payment has no invoice until Stripe has booked it');
  const [claim, notes] = await Promise.all([findClaim(db, ref), notesOfPayment(db, ref)]);
  const own = claim?.step === 'paid' ? claim.stripe_invoice : null;
  const settlement = own ? (claim?.settlement ?? 'out_of_band') : 'attached';
  const first = own ?? (await foreignInvoice(row, deps));
  if (typeof first !== 'string') return { none: first };
  return { invoices: await withReversals(first, notes, stripe), settlement };
}

async function foreignInvoice(
  row: DecidedPayment,
  { stripe, policy }: Deps,
): Promise<string | { decision: 'none' | 'off'; reason: string }> {
  // Stripe attaches the payment to the invoices it makes itself.
  const payment = { type: 'payment_intent', payment_intent: row.payment_intent } as const;
  const payments = await stripe.invoicePayments.list({ payment, status: 'paid', limit: 100, expand: ['data.invoice'] });
  const ours = payments.data.flatMap(({ invoice }) => documentOf(invoice) ?? []);
  const again = ours.find(({ madeFor }) => madeFor !== row.payment_intent);
  if (again) {
    // The invoice documents another payment, which was not taken back.
    return { decision: 'none', reason: `it paid our invoice ${again.invoice} of payment ${again.madeFor} once more` };
  }
  const foreign = payments.data[0]?.invoice;
  if (!foreign) {
    if (policy.adjustments.stripe_invoices) await refuseWhileInvoiceIsMissing(row.payment_intent, stripe);
    return { decision: 'none', reason: `the payment was never invoiced: ${row.reason ?? 'it was not eligible'}` };
  }
  if (!policy.adjustments.stripe_invoices)
    return { decision: 'off', reason: 'notes on invoices that Stripe made are switched off' };
  return typeof foreign === 'string' ? foreign : foreign.id;
}

/** The invoice of `invoice_creation` appears some time after the payment: a refund can be quicker, and is tried again then. */
async function refuseWhileInvoiceIsMissing(paymentIntent: string, stripe: Stripe): Promise<void> {
  const sessions = await stripe.checkout.sessions.list({ payment_intent: paymentIntent, limit: 1 });
  if (sessions.data[0]?.invoice_creation?.enabled) {
    throw new Error(`Stripe has not made its invoice for payment ${paymentIntent} yet`);
  }
}

/** An invoice that took a note back can be credited itself: a refund that failed may be made once more. */
async function withReversals(
  first: string,
  notes: readonly CreditNoteRow[],
  stripe: Stripe,
): Promise<[InvoiceWithLines, ...InvoiceWithLines[]]> {
  const reversals = notes.flatMap(({ reversed_by }) => reversed_by ?? []);
  const [invoice, ...others] = await Promise.all([first, ...reversals].map((id) => fetchInvoiceAndNotes(stripe, id)));
  if (!invoice) throw new Error(`Invoice ${first} was not fetched`);
  return [invoice, ...others];
}

function none(decision: 'none' | 'wait' | 'off', reason: string): AdjustedInvoices {
  return { none: { decision, reason } };
}
