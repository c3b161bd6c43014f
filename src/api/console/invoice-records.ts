import type { AttemptRow } from '../../billing/invoices/checkout-attempts.ts';
import { type Db, rows } from '../../platform/db.ts';
import type { StripeDocument } from '../../views/console/records.ts';

/** Reads for the rooms of own invoices, besides what billing reads for itself. */

const ATTEMPT =
  'id, invoice, attempt, amount, currency, extras, state, stripe_session, url, payment_intent, created_at, expires_at';

/** Newest first. */
export async function attemptsOfInvoice(db: Db, invoice: string): Promise<AttemptRow[]> {
  return rows<AttemptRow>(db, `SELECT ${ATTEMPT} FROM checkout_attempts WHERE invoice = ? ORDER BY attempt DESC`, [
    invoice,
  ]);
}

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
