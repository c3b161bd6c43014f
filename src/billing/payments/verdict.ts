import type { DocumentOfPayment } from '../../stripe/our-documents.ts';

/**
 * Does this payment get an invoice? Pure. `skip` and `review` are final and recorded with their reason; `wait` is not:
 * the money is not there (yet), and the next event of the payment asks again.
 */
export type Verdict =
  | {
      readonly action: 'invoice' | 'skip' | 'review';
      readonly reason: string;
      readonly rule?: string;
      readonly foreignInvoice?: string;
      /** What was bought is said in one line over what was received. */
      readonly inOneLine?: true;
      /** A document of ours that this payment has paid once more. */
      readonly paidAgain?: DocumentOfPayment;
    }
  | { readonly action: 'wait'; readonly reason: string };
