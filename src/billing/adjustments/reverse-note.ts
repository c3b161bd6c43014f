import type Stripe from 'stripe';
import { currencyOf } from '../../platform/currencies.ts';
import { bug, PermanentError } from '../../platform/errors.ts';
import { formatMoney } from '../../platform/money.ts';
import { fetchPayment } from '../../stripe/payment.ts';
import { fetchRefundsAndDisputes } from '../../stripe/refunds-and-disputes.ts';
import type { Deps } from '../deps/deps.ts';
import { keptNote, subjectsDecided } from '../desk/review-items.ts';
import { recipientOf } from '../own-invoices/follow-own-invoice.ts';
import { invoiceSettledBy } from '../own-invoices/invoices.ts';
import type { InvoiceLine } from '../payments/document.ts';
import { type PaymentLease, withPaymentLease } from '../payments/payment-lease.ts';
import { billToOf } from '../stripe-invoices/buyer.ts';
import { completeInvoice } from '../stripe-invoices/complete-invoice.ts';
import { advance, type Claim, claimPayment, findClaim, invoiceOf } from '../stripe-invoices/payment-invoices.ts';
import { adjustedInvoices } from './adjusted-invoice.ts';
import { adjustmentOfDispute, adjustmentOfRefund } from './adjustment.ts';
import { type CreditNoteRow, noteById, notesOfPayment, recordReversed } from './credit-notes.ts';
import { overstatement } from './note-books.ts';

/**
 * Takes a credit note back. A note on a paid invoice can't be voided, so a new invoice with the note's lines is issued,
 * marked paid out of band and refers to the note. Once per note; safe to repeat.
 * @returns the invoice's number
 * @throws PermanentError when there is no such note of ours, or nothing of it to take back, or too little for an invoice
 */
export async function reverseNote(stripeCreditNote: string, deps: Deps): Promise<string> {
  const row = await noteById(deps.db, stripeCreditNote);
  if (!row) throw new PermanentError(`Credit note ${stripeCreditNote} was not issued by us: reverse it at Stripe.`);
  const ref = { account: row.account, paymentIntent: row.payment_intent };

  return withPaymentLease(deps.db, ref, deps.livemode, async (lease) => {
    const payment = await fetchPayment(deps.stripe, ref.paymentIntent);
    const note = await deps.stripe.creditNotes.retrieve(stripeCreditNote);
    const begun = await findClaim(deps.db, ref, stripeCreditNote);
    const total = begun?.total ?? (await reversible(row, lease, deps));
    const own = await invoiceSettledBy(deps.db, ref.paymentIntent);
    const recipient = own && recipientOf(own);
    const billTo = billToOf(payment, { settlement: deps.policy.invoicing.settlement, recipient });
    const claim = await claimReversal(row, total, billTo, lease, deps);
    const paid = await completeInvoice(claim, {
      ...deps,
      settlement: 'out_of_band',
      lease,
      payment,
      lines: await reversalLines(note, row, total, deps.stripe),
      head: { description: `Reversal of credit note ${note.number}` },
      recipient,
      decided: 'begin_anew',
    });
    await recordReversed(deps.db, lease, row, invoiceOf(paid));
    return paid.number ?? invoiceOf(paid);
  });
}

/** How much of the note is one too much, in minor units: all of it, unless its part was taken back by something else. */
async function reversible(row: CreditNoteRow, lease: PaymentLease, deps: Deps): Promise<number> {
  const { refunds, disputes } = await fetchRefundsAndDisputes(deps.stripe, row.payment_intent);
  const adjustments = [...refunds.map(adjustmentOfRefund), ...disputes.map(adjustmentOfDispute)];
  const basis = await adjustedInvoices(lease.row, deps);
  if ('none' in basis) bug(`credit note ${row.stripe_credit_note} has no invoice: ${basis.none.reason}`);
  const claims = await notesOfPayment(deps.db, { account: row.account, paymentIntent: row.payment_intent });
  const kept = await subjectsDecided(
    deps.db,
    keptNote,
    adjustments.map(({ id }) => id),
  );
  const total = Math.min(row.amount, -overstatement({ ...basis, claims, adjustments, kept, issuing: true }));
  if (total <= 0) {
    throw new PermanentError(`Credit note ${row.number} stands for what else was taken back of the payment: keep it.`);
  }
  // Stripe would settle a smaller invoice at once, and move its amount to the balance of the customer.
  if (total < (currencyOf(row.currency)?.smallest ?? 0)) {
    throw new PermanentError(
      `${formatMoney({ amount: total, currency: row.currency })} is less than Stripe's smallest charge: an invoice of it would change the customer's balance. Keep credit note ${row.number}, and correct your books by hand.`,
    );
  }
  return total;
}

/** Whether the reversal invoice is there, though perhaps not yet marked paid: then it cannot be decided against any more. */
export async function isReversalIssued(stripeCreditNote: string, { db }: Deps): Promise<boolean> {
  const row = await noteById(db, stripeCreditNote);
  if (!row) return false;
  const ref = { account: row.account, paymentIntent: row.payment_intent };
  const claim = await findClaim(db, ref, stripeCreditNote);
  return claim?.step === 'finalized' || claim?.step === 'paid';
}

/** The invoice goes to whom the first one went, unless a balance of his would be applied to it. */
async function claimReversal(
  row: CreditNoteRow,
  total: number,
  billTo: Claim['bill_to'],
  lease: PaymentLease,
  { db }: Deps,
): Promise<Claim> {
  const claim = await claimPayment(db, lease, {
    billTo,
    total,
    currency: row.currency,
    reverses: row.stripe_credit_note ?? '',
  });
  if (claim.customer) return claim;
  const first = await findClaim(db, { account: row.account, paymentIntent: row.payment_intent });
  const madeForIt = first?.customer && first.bill_to !== 'buyer' ? first.customer : null;
  return madeForIt ? advance(db, lease, claim, { customer: madeForIt }) : claim;
}

/** The note's own lines with their taxes where they come to its amount, else one line. */
async function reversalLines(
  note: Stripe.CreditNote,
  row: CreditNoteRow,
  total: number,
  stripe: Stripe,
): Promise<InvoiceLine[]> {
  const single = [{ description: `Reversal of credit note ${note.number}`, amount: total }];
  if (total !== row.amount || !row.split || note.lines.has_more) return single;
  const rates = new Map<string, Stripe.TaxRate>();
  for (const id of new Set(note.lines.data.flatMap(({ taxes }) => (taxes ?? []).flatMap(rateOf)))) {
    rates.set(id, await stripe.taxRates.retrieve(id));
  }
  const lines = note.lines.data.map((line) => ({
    description: line.description ?? 'Reversal',
    amount: line.amount,
    ...(line.taxes?.length ? { tax_amounts: line.taxes.flatMap((tax) => taxAmount(tax, rates)) } : {}),
  }));
  const exclusive = note.lines.data
    .flatMap(({ taxes }) => taxes ?? [])
    .filter(({ tax_behavior }) => tax_behavior === 'exclusive');
  const sum = [...note.lines.data, ...exclusive].reduce((total, { amount }) => total + amount, 0);
  return sum === row.amount ? lines : single;
}

function rateOf(tax: Stripe.CreditNoteLineItem.Tax): string[] {
  return tax.tax_rate_details ? [tax.tax_rate_details.tax_rate] : [];
}

function taxAmount(tax: Stripe.CreditNoteLineItem.Tax, rates: ReadonlyMap<string, Stripe.TaxRate>) {
  const rate = rates.get(tax.tax_rate_details?.tax_rate ?? '');
  if (!rate) return [];
  return [
    {
      amount: tax.amount,
      taxable_amount: tax.taxable_amount ?? 0,
      tax_rate_data: { display_name: rate.display_name, percentage: rate.percentage, inclusive: rate.inclusive },
      ...(tax.taxability_reason === 'not_available' ? {} : { taxability_reason: tax.taxability_reason }),
    },
  ];
}
