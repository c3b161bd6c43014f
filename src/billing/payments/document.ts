import type Stripe from 'stripe';

/** What the parts of a document at Stripe look like, whichever feature says what stands on it. */
export type InvoiceLine = Stripe.InvoiceAddLinesParams.Line;

/** Who was agreed on before the payment, whoever pays: the customer of an own invoice. */
export interface Recipient {
  readonly name: string;
  /** In ASCII. */
  readonly email: string | null;
  /** In lines. */
  readonly address: string | null;
}
