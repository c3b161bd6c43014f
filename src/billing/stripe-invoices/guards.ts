import type Stripe from 'stripe';
import type { Claim } from './payment-invoices.ts';

/** Checks of an invoice against the payment it documents, pure. What they return says what is wrong, in words. */

/** Before finalizing, while the draft can still be thrown away. */
export function wrongDraft(invoice: Stripe.Invoice, claim: Claim): string | undefined {
  if (invoice.currency !== claim.currency) return `its currency is ${invoice.currency}, received was ${claim.currency}`;
  if (invoice.total !== claim.total) return `its total is ${invoice.total}, received was ${claim.total}`;
  return undefined;
}

/**
 * After finalizing, before it is marked paid: nothing may have been taken from, or added by, the customer's balance.
 * Stripe applies a balance at finalization, whatever was read before.
 */
export function touchedBalance(invoice: Stripe.Invoice): boolean {
  const due = invoice.status === 'paid' ? invoice.amount_paid : invoice.amount_due;
  return (invoice.starting_balance ?? 0) !== 0 || due !== invoice.total;
}
