import { formatMoney } from '../../platform/money.ts';
import type { Outcome } from '../../stripe/inbox/events.ts';
import { fetchRefundsAndDisputes, type InvoiceWithLines } from '../../stripe/refunds-and-disputes.ts';
import type { Deps } from '../deps/deps.ts';
import type { Question, QuestionOf } from '../desk/questions.ts';
import {
  askPersonOnce,
  keptNote,
  refundedAsDuplicate,
  subjectsDecided,
  withdrawQuestion,
} from '../desk/review-items.ts';
import { noteRefundOfOwnInvoice } from '../own-invoices/payment-log.ts';
import { type PaymentLease, refOf, withPaymentLease } from '../payments/payment-lease.ts';
import type { PaymentRef } from '../payments/payment-row.ts';
import { type SettleOptions, settlePayment } from '../stripe-invoices/settle-payment.ts';
import { type AdjustedInvoices, adjustedInvoices } from './adjusted-invoice.ts';
import { type Adjustment, adjustmentOfDispute, adjustmentOfRefund, decide, isContested } from './adjustment.ts';
import { type AdjustmentRow, flagDispute, recordAdjustment } from './adjustments.ts';
import { type CreditNoteRow, claimNote, notesOfPayment, recordIssued, releaseNote } from './credit-notes.ts';
import { issueNote, NoteRefused } from './issue-note.ts';
import { type NotePlan, type PlannedNote, planNote, standingNoteKind } from './plan-note.ts';
import type { NoteQuestion } from './questions.ts';

/**
 * Brings the credit notes of one payment into agreement with its refunds and disputes: one note per succeeded refund, one
 * per lost dispute, never above the invoice total. The payment itself is settled first, so a refund that overtakes its
 * payment needs no waiting.
 */
export async function adjustPayment(ref: PaymentRef, deps: Deps, options: SettleOptions = {}): Promise<Outcome> {
  const settled = await settlePayment(ref, deps, options);

  return withPaymentLease(deps.db, ref, deps.livemode, async (lease) => {
    const { refunds, disputes } = await fetchRefundsAndDisputes(deps.stripe, ref.paymentIntent);
    const adjustments = notedFirst([...refunds.map(adjustmentOfRefund), ...disputes.map(adjustmentOfDispute)]);
    if (adjustments.length === 0) {
      // A person who had the payment reconsidered wants to know how that ended.
      if (options.reconsider || settled.outcome === 'review') return settled;
      return { outcome: 'ignored', reason: 'nothing was taken back of this payment', paymentIntent: ref.paymentIntent };
    }
    const contested = adjustments.filter(isContested).map(({ happenedAt }) => happenedAt);
    await flagDispute(deps.db, lease, contested.length > 0 ? Math.min(...contested) : null);

    const ids = adjustments.map(({ id }) => id);
    const [basis, kept] = await Promise.all([
      adjustedInvoices(lease.row, deps),
      subjectsDecided(deps.db, keptNote, ids),
    ]);
    const ends: AdjustmentEnd[] = [];
    // One after the other: what one note takes is no longer there for the next.
    for (const adjustment of adjustments) {
      ends.push(await adjustOne(adjustment, { basis, adjustments, kept, lease, deps }));
      await noteRefundOfOwnInvoice(deps.db, adjustment, ref.paymentIntent);
    }
    if (lease.row.verdict === 'review') return settled;
    const end = conclude(ends, ref);
    if (end.outcome !== 'review') {
      const failed = { kind: 'event_failed', subject: ref.paymentIntent } as const;
      await withdrawQuestion(deps.db, failed, 'what was taken back of the payment is seen to now');
    }
    return end;
  });
}

/** What leaves a note comes first: whether a note without cause is one too many depends on the others. */
function notedFirst(adjustments: readonly Adjustment[]): Adjustment[] {
  const [noted, others] = [true, false].map((wanted) =>
    adjustments.filter((each) => (decide(each).decision === 'note') === wanted),
  );
  return [...(noted ?? []), ...(others ?? [])];
}

interface AdjustmentEnd {
  readonly decision: AdjustmentRow['decision'];
  readonly reason: string;
}

interface Circumstances {
  readonly basis: AdjustedInvoices;
  /** All of the payment. */
  readonly adjustments: readonly Adjustment[];
  /** Those without effect whose note a person keeps. */
  readonly kept: readonly string[];
  readonly lease: PaymentLease;
  readonly deps: Deps;
}

async function adjustOne(adjustment: Adjustment, circumstances: Circumstances): Promise<AdjustmentEnd> {
  const { basis, adjustments, kept, lease, deps } = circumstances;
  const { db } = deps;
  if ('none' in basis) {
    // What is open at Stripe stays open here, whatever becomes of it.
    const end = decide(adjustment);
    if (end.decision === 'none') await askAboutFailedDuplicate(adjustment, circumstances);
    return record(adjustment, end.decision === 'wait' ? end : basis.none, circumstances);
  }

  const claims = await notesOfPayment(db, refOf(lease));
  const plan = planNote(adjustment, {
    ...basis,
    claims,
    adjustments,
    kept,
    issuing: deps.policy.adjustments.credit_notes,
  });
  const claim = claims.find((row) => row.adjustment === adjustment.id);
  switch (plan.decision) {
    case 'note': {
      await record(adjustment, plan, circumstances);
      if (plan.question) await askPersonOnce(db, plan.question);
      try {
        const issued = await noteFor(adjustment, plan.note, basis.invoices, claims, circumstances);
        await withdrawQuestion(db, { kind: 'credit_note_refused', subject: adjustment.id }, 'the note was issued');
        return { decision: 'note', reason: `credit note ${issued.number}` };
      } catch (error) {
        if (!(error instanceof NoteRefused)) throw error;
        return ask(refusalOf(adjustment, plan.note, error.message), circumstances, adjustment);
      }
    }
    case 'stands':
      return noteWithoutCause(adjustment, plan, claim, circumstances);
    case 'review':
      return ask(plan.question, circumstances, adjustment);
    default:
      // A try that died before it reached Stripe left a claim: what it meant to take is free again.
      if (claim && !claim.stripe_credit_note) await releaseNote(db, lease, claim);
      await withdrawQuestion(db, { kind: standingNoteKind(adjustment), subject: adjustment.id }, plan.reason);
      return record(adjustment, plan, circumstances);
  }
}

/** A person sent the money back, and it is here again: nobody else would notice, for there is no document. */
async function askAboutFailedDuplicate({ id, kind, status, ...money }: Adjustment, circumstances: Circumstances) {
  const { lease, deps } = circumstances;
  const payment = lease.row.payment_intent;
  if (kind !== 'refund' || money.cause !== 'duplicate') return;
  if ((await subjectsDecided(deps.db, refundedAsDuplicate, [payment])).length === 0) return;
  await askPersonOnce(deps.db, {
    kind: 'duplicate_refund_failed',
    subject: id,
    summary: `Refund ${id} of ${formatMoney(money)} did not reach the customer (${status}): payment ${payment}, which was to be refunded as a duplicate, is here again. Refund it once more, or keep it and settle with the customer another way.`,
    details: { payment_intent: payment, amount: money.amount, currency: money.currency },
  });
}

/** The other refunds and disputes of the payment go on meanwhile. */
async function ask(
  question: QuestionOf<NoteQuestion>,
  circumstances: Circumstances,
  adjustment: Adjustment,
): Promise<AdjustmentEnd> {
  const { deps, lease } = circumstances;
  const open = await askPersonOnce(deps.db, ofPayment(question, lease.row.payment_intent));
  const end = open
    ? ({ decision: 'review', reason: question.summary } as const)
    : ({ decision: 'none', reason: `a person has decided: ${question.summary}` } as const);
  return record(adjustment, end, circumstances);
}

/** Whoever decides about it goes through its payment. */
function ofPayment(question: QuestionOf<NoteQuestion>, payment: string): Question {
  return Object.assign({}, question, { details: { ...question.details, payment_intent: payment } });
}

function refusalOf(
  { id, currency }: Adjustment,
  { invoice, amount, allocation }: PlannedNote,
  why: string,
): QuestionOf<NoteQuestion> {
  return {
    kind: 'credit_note_refused',
    subject: id,
    summary: `Stripe refuses the credit note of ${id} on invoice ${invoice}: ${why}`,
    details: { invoice, amount, currency, allocation },
  };
}

async function record(
  adjustment: Adjustment,
  { decision, reason }: AdjustmentEnd,
  { lease, deps }: Circumstances,
): Promise<AdjustmentEnd> {
  await recordAdjustment(deps, lease, adjustment, decision, reason);
  return { decision, reason };
}

/** Claims the note and sees to it that it is there, once. */
async function noteFor(
  adjustment: Adjustment,
  { invoice, amount, allocation, made }: PlannedNote,
  invoices: readonly InvoiceWithLines[],
  claims: readonly CreditNoteRow[],
  { lease, deps }: Circumstances,
): Promise<CreditNoteRow> {
  const { currency } = adjustment;
  const claim = await claimNote(deps.db, lease, { adjustment: adjustment.id, invoice, amount, currency, allocation });
  if (claim.stripe_credit_note) return claim;
  if (made) return recordIssued(deps, lease, claim, made);
  const onInvoice = invoices.find((each) => each.invoice.id === invoice) ?? invoices[0];
  if (!onInvoice) throw new Error(`Invoice ${invoice} was not fetched`);
  return issueNote(claim, adjustment, { ...deps, lease, claims, onInvoice });
}

/** The note stands, but its cause is gone: a note on a paid invoice can't be voided, so a person decides. */
async function noteWithoutCause(
  adjustment: Adjustment,
  { note, on, reason, question }: Extract<NotePlan, { decision: 'stands' }>,
  claim: CreditNoteRow | undefined,
  circumstances: Circumstances,
): Promise<AdjustmentEnd> {
  const { lease, deps } = circumstances;
  const { db } = deps;
  const asked = await record(adjustment, { decision: 'review', reason }, circumstances);
  if (!claim?.stripe_credit_note) {
    const { id, currency } = adjustment;
    const row = { adjustment: id, invoice: on, amount: note.total, currency, allocation: 'out_of_band' } as const;
    await recordIssued(deps, lease, await claimNote(db, lease, row), note);
  }
  const open = await askPersonOnce(db, question);
  return open
    ? asked
    : record(adjustment, { decision: 'none', reason: 'a person decided to keep the note' }, circumstances);
}

function conclude(ends: readonly AdjustmentEnd[], { paymentIntent }: PaymentRef): Outcome {
  const reason = ends.map((end) => end.reason).join('; ');
  if (ends.some(({ decision }) => decision === 'review')) return { outcome: 'review', reason, paymentIntent };
  if (ends.some(({ decision }) => decision === 'note')) return { outcome: 'processed', reason, paymentIntent };
  return { outcome: 'ignored', reason, paymentIntent };
}
