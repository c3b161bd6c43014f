import type { DocumentOfPayment } from '../../stripe/our-documents.ts';
import type { Payment } from '../../stripe/payment.ts';

/** What a payment is for, as far as Stripe tells. Who else may claim it joins the union: stripe-invoices/purpose.ts. */
export type PurposeAtStripe =
  /** An invoice that Stripe has made itself, e.g. of a subscription. */
  | { readonly of: 'stripe_invoice'; readonly invoice: string }
  /** A checkout that Stripe invoices itself; its invoice may come after the payment. */
  | { readonly of: 'invoiced_checkout'; readonly reason: string }
  /** An invoice of ours: that of this payment, or (`again`) one of another, which this one has paid on top. */
  | { readonly of: 'document'; readonly document: DocumentOfPayment; readonly again: boolean }
  | { readonly of: 'sale' };

/** The first that claims it, pure. */
export function purposeAtStripe({ intent, session, invoices, documents }: Payment): PurposeAtStripe {
  const foreign = invoices.find((id) => !documents.some(({ invoice }) => invoice === id));
  if (foreign) return { of: 'stripe_invoice', invoice: foreign };
  const document = documents.find(({ madeFor }) => madeFor === intent.id) ?? documents[0];
  if (document) return { of: 'document', document, again: document.madeFor !== intent.id };
  if (session && session.mode !== 'payment') {
    const reason = `it was paid in a ${session.mode} checkout, which Stripe invoices itself`;
    return { of: 'invoiced_checkout', reason };
  }
  // The invoice of invoice_creation appears some time after the payment: the setting counts, not whether it is there yet.
  if (session?.invoice_creation?.enabled) {
    const reason = 'the checkout session has invoice_creation: Stripe makes the invoice';
    return { of: 'invoiced_checkout', reason };
  }
  return { of: 'sale' };
}
