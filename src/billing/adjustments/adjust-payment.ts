import type { Outcome } from '../../stripe/events.ts';
import { fetchRefundsAndDisputes } from '../../stripe/refunds-and-disputes.ts';
import type { Deps } from '../deps.ts';
import { noteRefundOfOwnInvoice } from '../invoices/payment-log.ts';
import { type PaymentLease, type PaymentRef, withPaymentLease } from '../invoicing/payments.ts';
import { settlePayment } from '../invoicing/settle-payment.ts';
import { askPersonOnce } from '../review/review-items.ts';
import { type AdjustedInvoice, adjustedInvoice, creditable } from './adjusted-invoice.ts';
import { type Adjustment, adjustmentOfDispute, adjustmentOfRefund, decide, isContested } from './adjustment.ts';
import { type AdjustmentRow, flagDispute, recordAdjustment } from './adjustments.ts';
import { type CreditNoteRow, claimNote, notesOfPayment } from './credit-notes.ts';
import { findNote, issueNote } from './issue-note.ts';

/**
 * Brings the credit notes of one payment into agreement with its refunds and disputes: one note per succeeded refund, one
 * per lost dispute, never above the invoice total. The payment itself is settled first, so a refund that overtakes its
 * payment needs no waiting.
 */
export async function adjustPayment(
  ref: PaymentRef,
  deps: Deps,
  options: { reconsider?: boolean } = {},
): Promise<Outcome> {
  const settled = await settlePayment(ref, deps, options);
  if (settled.outcome === 'review') return settled;

  return withPaymentLease(deps.db, ref, deps.livemode, async (lease) => {
    const { refunds, disputes } = await fetchRefundsAndDisputes(deps.stripe, ref.paymentIntent);
    const adjustments = [...refunds.map(adjustmentOfRefund), ...disputes.map(adjustmentOfDispute)];
    if (adjustments.length === 0) {
      // A person who had the payment reconsidered wants to know how that ended.
      if (options.reconsider) return settled;
      return { outcome: 'ignored', reason: 'nothing was taken back of this payment', paymentIntent: ref.paymentIntent };
    }
    const contested = adjustments.filter(isContested).map(({ happenedAt }) => happenedAt);
    await flagDispute(deps.db, lease, contested.length > 0 ? Math.min(...contested) : null);

    const basis = await adjustedInvoice(deps, lease);
    const ends: AdjustmentEnd[] = [];
    // One after the other: what one note takes is no longer there for the next.
    for (const adjustment of adjustments) ends.push(await adjustOne(adjustment, basis, lease, deps));
    return conclude(ends, ref);
  });
}

interface AdjustmentEnd {
  readonly decision: AdjustmentRow['decision'];
  readonly reason: string;
}

async function adjustOne(
  adjustment: Adjustment,
  basis: AdjustedInvoice,
  lease: PaymentLease,
  deps: Deps,
): Promise<AdjustmentEnd> {
  const end = await endOf(adjustment, basis, lease, deps);
  await recordAdjustment(deps.db, lease, adjustment, end.decision, end.reason);
  await noteRefundOfOwnInvoice(deps.db, adjustment, lease.row.payment_intent);
  return end.decision === 'note' && 'onInvoice' in basis ? noteFor(adjustment, basis, lease, deps) : end;
}

/** What is to be done about it, before anything is done. */
async function endOf(
  adjustment: Adjustment,
  basis: AdjustedInvoice,
  lease: PaymentLease,
  deps: Deps,
): Promise<AdjustmentEnd> {
  const end = decide(adjustment);
  if ('never' in basis) return { decision: end.decision === 'wait' ? 'wait' : 'none', reason: basis.never };

  const claims = await notesOfPayment(deps.db, { account: lease.row.account, paymentIntent: lease.row.payment_intent });
  const claim = claims.find((row) => row.adjustment === adjustment.id);
  const note = claim?.stripe_credit_note ?? findNote(adjustment.id, basis.onInvoice.notes)?.id;
  if (end.decision === 'none' && note) return noteWithoutCause(adjustment, note, claim, deps);
  if (end.decision !== 'note') return end;
  if (!deps.adjustments && !note) return { decision: 'off', reason: 'adjustments are switched off' };
  if (adjustment.currency !== basis.onInvoice.invoice.currency) {
    return { decision: 'review', reason: await askAboutCurrency(adjustment, basis.onInvoice.invoice.currency, deps) };
  }
  if (!claim && !note && creditable(basis.onInvoice, claims) <= 0) {
    return { decision: 'none', reason: 'the invoice is credited in full already' };
  }
  return end;
}

/** Claims the note of this refund or dispute and issues it; the invoice's notes are read anew after each. */
async function noteFor(
  adjustment: Adjustment,
  basis: Extract<AdjustedInvoice, { onInvoice: unknown }>,
  lease: PaymentLease,
  deps: Deps,
): Promise<AdjustmentEnd> {
  const ref = { account: lease.row.account, paymentIntent: lease.row.payment_intent };
  const before = await notesOfPayment(deps.db, ref);
  const left = creditable(basis.onInvoice, before);
  const made = findNote(adjustment.id, basis.onInvoice.notes);
  const claim = await claimNote(deps.db, lease, {
    adjustment: adjustment.id,
    invoice: basis.onInvoice.invoice.id,
    amount: made?.total ?? Math.min(adjustment.amount, left),
    currency: adjustment.currency,
    // A dispute is no refund and can't be linked; neither can the refund of an invoice that was settled out of band.
    allocation: adjustment.kind === 'refund' && basis.settlement === 'attached' ? 'refund' : 'out_of_band',
  });
  const claims = before.some(({ id }) => id === claim.id) ? before : [...before, claim];
  const issued = claim.stripe_credit_note
    ? claim
    : await issueNote(claim, adjustment, { ...deps, lease, claims, onInvoice: basis.onInvoice });
  return { decision: 'note', reason: `credit note ${issued.number}` };
}

/** The note stands, but its cause is gone: a note on a paid invoice can't be voided, so a person decides. */
async function noteWithoutCause(
  adjustment: Adjustment,
  note: string,
  claim: CreditNoteRow | undefined,
  { db }: Deps,
): Promise<AdjustmentEnd> {
  if (claim?.reversed_by)
    return { decision: 'none', reason: `the note was taken back by invoice ${claim.reversed_by}` };
  const refund = adjustment.kind === 'refund';
  const open = await askPersonOnce(db, {
    kind: refund ? 'refund_failed_after_note' : 'dispute_won_after_note',
    subject: adjustment.id,
    summary: refund
      ? `Refund ${adjustment.id} is ${adjustment.status} after credit note ${claim?.number ?? note} was issued for it. Keep the note and pay the customer another way, or issue a reversal invoice.`
      : `Dispute ${adjustment.id} was won after credit note ${claim?.number ?? note} was issued for it. Keep the note, or issue a reversal invoice.`,
    details: { credit_note: note, amount: adjustment.amount, currency: adjustment.currency, status: adjustment.status },
  });
  return open
    ? { decision: 'review', reason: `the ${adjustment.kind} is ${adjustment.status}, but its credit note stands` }
    : { decision: 'none', reason: 'a person decided to keep the note' };
}

async function askAboutCurrency(adjustment: Adjustment, currency: string, { db }: Deps): Promise<string> {
  const summary = `The ${adjustment.kind} ${adjustment.id} is in ${adjustment.currency}, its invoice in ${currency}. Issue the credit note by hand.`;
  await askPersonOnce(db, {
    kind: 'adjustment_currency_differs',
    subject: adjustment.id,
    summary,
    details: { expected: currency, found: adjustment.currency, amount: adjustment.amount },
  });
  return summary;
}

function conclude(ends: readonly AdjustmentEnd[], { paymentIntent }: PaymentRef): Outcome {
  const reason = ends.map((end) => end.reason).join('; ');
  if (ends.some(({ decision }) => decision === 'review')) return { outcome: 'review', reason, paymentIntent };
  if (ends.some(({ decision }) => decision === 'note')) return { outcome: 'processed', reason, paymentIntent };
  return { outcome: 'ignored', reason, paymentIntent };
}
