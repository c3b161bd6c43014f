import { type Db, rows } from '../../../platform/db.ts';
import type { StripeDocument } from './records.ts';

/** Reads for the rooms of own invoices, besides what billing reads for itself. */

/** The Stripe invoice of the payment that settled it, and what reverses that. */
export async function stripeDocuments(db: Db, paymentIntent: string | null): Promise<StripeDocument[]> {
  if (paymentIntent === null) return [];
  return rows<StripeDocument>(
    db,
    `SELECT step, stripe_invoice, number, hosted_invoice_url, invoice_pdf FROM payment_invoices
     WHERE payment_intent = ? ORDER BY id`,
    [paymentIntent],
  );
}
