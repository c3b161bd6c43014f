import type Stripe from 'stripe';
import type { Settlement } from '../stripe-invoices/payment-invoices.ts';
import { type Adjustment, decide } from './adjustment.ts';
import type { CreditNoteRow } from './credit-notes.ts';

/** The documents of one payment and what was taken back of it, and what of them is left to credit, or too much. Pure. */
export interface CreditableInvoice {
  readonly invoice: Pick<Stripe.Invoice, 'id' | 'total' | 'currency' | 'status'>;
  readonly notes: readonly ToldNote[];
}

/** A note as Stripe tells it. */
export type ToldNote = Pick<
  Stripe.CreditNote,
  'id' | 'number' | 'pdf' | 'status' | 'total' | 'metadata' | 'refunds' | 'out_of_band_amount'
>;

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
 * Minor units by which the documents come to more than was kept of the payment: so much is still to be credited. Less than
 * nothing where a note is one too many, because its cause is gone and nothing else was taken back that it could stand for.
 */
export function overstatement(books: Books): number {
  const { invoices, claims, adjustments } = books;
  const [{ invoice }] = invoices;
  const gone = adjustments.filter((each) => decide(each).decision === 'note' && each.currency === invoice.currency);
  const kept = Math.max(0, invoice.total - sumOf(gone.map(({ amount }) => amount)));
  const documented = sumOf(invoices.map((each) => creditable(each, claims)));
  return documented + settledOtherwise(books) - kept;
}

/** What notes say that the customer got in another way than back from the payment: no refund or dispute belongs to it. */
function settledOtherwise({ invoices, claims, kept }: Books): number {
  const keptNotes = claims.filter(
    ({ adjustment, stripe_credit_note, reversed_by }) =>
      kept.includes(adjustment) && stripe_credit_note !== null && reversed_by === null,
  );
  // A person can credit what was not paid yet, or to the customer's balance.
  const told = invoices.flatMap(({ notes }) => notes.filter(({ status }) => status !== 'void'));
  const otherwise = told.map(
    ({ total, refunds, out_of_band_amount }) =>
      total - (out_of_band_amount ?? 0) - sumOf(refunds.map(({ amount_refunded }) => amount_refunded ?? 0)),
  );
  return sumOf(keptNotes.map(({ amount }) => amount)) + sumOf(otherwise);
}

function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}
