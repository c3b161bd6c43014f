import type Stripe from 'stripe';
import type { Settlement } from '../invoicing/payment-invoices.ts';
import { type Adjustment, decide } from './adjustment.ts';
import type { CreditNoteRow } from './credit-notes.ts';

/** The documents of one payment and what was taken back of it, and what of them is left to credit, or too much. Pure. */
export interface CreditableInvoice {
  readonly invoice: Pick<Stripe.Invoice, 'id' | 'total' | 'currency' | 'status'>;
  readonly notes: readonly ToldNote[];
}

/** A note as Stripe tells it. */
export type ToldNote = Pick<Stripe.CreditNote, 'id' | 'number' | 'pdf' | 'status' | 'total' | 'metadata' | 'refunds'>;

export interface Books {
  /** The payment's invoice, then the invoices that took a note of it back: those can be credited again. */
  readonly invoices: readonly [CreditableInvoice, ...CreditableInvoice[]];
  /** How the first of them was settled; the others are settled out of band. */
  readonly settlement: Settlement;
  /** Our claims of this payment, issued or not. */
  readonly claims: readonly Pick<
    CreditNoteRow,
    'adjustment' | 'stripe_invoice' | 'amount' | 'stripe_credit_note' | 'number' | 'reversed_by'
  >[];
  /** Every refund and dispute of the payment. */
  readonly adjustments: readonly Adjustment[];
  /** Refunds and disputes without effect whose note a person decided to keep: he pays the customer another way. */
  readonly kept: readonly string[];
  /** Whether notes are issued at all. */
  readonly issuing: boolean;
}

/**
 * Minor units that may still be credited on the invoice: its notes never exceed its total. Counted are the notes that
 * Stripe told of, and those of ours that were issued since.
 */
export function creditable({ invoice, notes }: CreditableInvoice, claims: Books['claims']): number {
  const told = notes.filter(({ status }) => status !== 'void');
  const since = claims.filter(
    ({ stripe_invoice, stripe_credit_note }) =>
      stripe_invoice === invoice.id &&
      stripe_credit_note !== null &&
      !notes.some(({ id }) => id === stripe_credit_note),
  );
  return invoice.total - sumOf(told.map(({ total }) => total)) - sumOf(since.map(({ amount }) => amount));
}

/**
 * Minor units that were kept of the payment although its documents say that they went back, because the cause of a note is
 * gone. Less than that note where a refund or dispute took more than its own note could say.
 */
export function missingFromDocuments({ invoices, claims, adjustments, kept }: Books): number {
  const [{ invoice }] = invoices;
  const gone = adjustments.filter((each) => decide(each).decision === 'note' && each.currency === invoice.currency);
  const keptMoney = Math.max(0, invoice.total - sumOf(gone.map(({ amount }) => amount)));
  const documented = sumOf(invoices.map((each) => creditable(each, claims)));
  const settledOtherwise = claims.filter(
    (claim) => kept.includes(claim.adjustment) && claim.stripe_credit_note !== null && claim.reversed_by === null,
  );
  return keptMoney - documented - sumOf(settledOtherwise.map(({ amount }) => amount));
}

function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}
