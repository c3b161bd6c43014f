import type Stripe from 'stripe';
import { isMissing } from './errors.ts';

/** What Stripe tells about the invoices that we have made: whose payment one documents, and what has paid it. */

/** The mark of what we have made at Stripe. */
export const MADE_BY = 'quittance';

/** An invoice of ours that a payment is allocated to: to its own where it was attached; to another, it has paid it once more. */
export interface DocumentOfPayment {
  readonly invoice: string;
  readonly number: string | null;
  /** The payment that it was made for. */
  readonly madeFor: string;
  /** What came in above its total, which Stripe has put on the customer's balance. Minor units. */
  readonly overpaid: number;
  readonly currency: string;
}

/** @returns undefined for an invoice that we have not made, or of which no more than the id is known */
export function documentOf(invoice: Stripe.InvoicePayment['invoice']): DocumentOfPayment | undefined {
  if (typeof invoice === 'string' || invoice.deleted) return undefined;
  const { made_by, payment_intent: madeFor } = invoice.metadata ?? {};
  if (made_by !== MADE_BY || !madeFor) return undefined;
  const { id, number, amount_overpaid: overpaid, currency } = invoice;
  return { invoice: id, number, madeFor, overpaid, currency };
}

/** @returns undefined when it was deleted */
export async function retrieveInvoice(stripe: Stripe, id: string): Promise<Stripe.Invoice | undefined> {
  try {
    return await stripe.invoices.retrieve(id);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * What has paid an invoice, as Stripe counts it: ids of payment intents (pi_…), or of charges without one (ch_…). None when
 * it was marked as paid outside of Stripe, or when there was nothing to pay.
 */
export async function paidBy(invoice: string, stripe: Stripe): Promise<string[]> {
  const payments = await stripe.invoicePayments.list({ invoice, status: 'paid', limit: 100 });
  return payments.data.flatMap(({ payment }) => idOf(payment.payment_intent ?? payment.charge) ?? []);
}

function idOf(object: string | { readonly id: string } | undefined): string | undefined {
  return typeof object === 'string' ? object : object?.id;
}
