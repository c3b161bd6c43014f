import { bug } from '../../platform/errors.ts';
import type { Outcome } from '../../stripe/inbox/events.ts';
import { fetchPayment, type Payment } from '../../stripe/payment.ts';
import type { Deps } from '../deps/deps.ts';
import { askPerson, withdrawQuestions } from '../desk/review-items.ts';
import type { Confirmation } from '../own-invoices/confirm-checkout.ts';
import { linesOfOwnInvoice } from '../own-invoices/document-lines.ts';
import { followOwnInvoice, recipientOf } from '../own-invoices/follow-own-invoice.ts';
import { eligibility, type Verdict } from '../payments/eligibility.ts';
import { givenAt, type MoneyArrival, moneyArrival } from '../payments/money-arrival.ts';
import {
  findPayment,
  type PaymentLease,
  type PaymentRef,
  type PaymentRow,
  parkPayment,
  receivedOf,
  recordVerdict,
  refOf,
  withPaymentLease,
} from '../payments/payments.ts';
import { awaitBooking, UNBOOKED } from './await-booking.ts';
import { billToOf } from './buyer.ts';
import { completeInvoice } from './complete-invoice.ts';
import { invoiceLines } from './invoice-lines.ts';
import { GuardFailed, type StepContext } from './invoice-steps.ts';
import { type Claim, claimPayment, findClaim } from './payment-invoices.ts';
import { askAboutSecondPayment } from './second-payment.ts';

/**
 * Brings one payment and its invoice into agreement: an eligible payment ends with one Stripe invoice, finalized and paid,
 * whose total is what was received. Called by every event of the payment, by replay, backfill and reconciliation alike;
 * a payment that is settled already costs no request to Stripe.
 * @throws NotYetError while the day on which its money came is not known yet
 */
export async function settlePayment(
  ref: PaymentRef,
  deps: Deps,
  { reconsider = false, dateAsGiven = false }: SettleOptions = {},
): Promise<Outcome> {
  const known = await findPayment(deps.db, ref);
  const decided = known && conclusionOf(known, reconsider);
  if (decided) return decided;

  return withPaymentLease(deps.db, ref, deps.livemode, async (lease) => {
    // Another event may have settled it between the look above and the lease.
    const settled = conclusionOf(lease.row, reconsider);
    if (settled) return settled;

    const payment = await fetchPayment(deps.stripe, ref.paymentIntent);
    const { intent, charge } = payment;
    const arrival = dateAsGiven ? givenAt(intent, charge) : moneyArrival(intent, charge);
    const own = await followOwnInvoice(payment, deps, arrival);
    const claim = await findClaim(deps.db, ref);
    const verdict: Verdict = claim
      ? {
          action: 'invoice',
          reason: lease.row.reason ?? 'its invoice was begun',
          ...(lease.row.rule ? { rule: lease.row.rule } : {}),
        }
      : (verdictOfOwn(own, deps) ?? eligibility(payment, { rules: deps.rules, livemode: deps.livemode }));
    if ('awaited' in arrival && needsItsDay(intent, verdict, own)) {
      await recordVerdict(deps.db, lease, payment, { action: 'wait', reason: arrival.awaited }, arrival);
      return awaitBooking(arrival.awaited, lease, deps, reconsider);
    }
    // Before the verdict: it is final, and nobody would ask after it.
    const again = 'paidAgain' in verdict ? verdict.paidAgain : undefined;
    const asked = again && (await askAboutSecondPayment(deps.db, ref.paymentIntent, again));
    await recordVerdict(deps.db, lease, payment, verdict, arrival);

    switch (verdict.action) {
      case 'wait':
      case 'skip':
        return conclude(own?.end === 'unapplied' || asked ? 'review' : 'ignored', verdict.reason, ref);
      case 'review':
        if (own?.end === 'mismatch') return conclude('review', verdict.reason, ref);
        return park(deps, lease, {
          kind: 'eligibility_unclear',
          summary: `A rule asks a person whether payment ${ref.paymentIntent} gets an invoice: ${verdict.reason}.`,
          details: { rule: verdict.rule, ...receivedOf(payment) },
        });
      case 'invoice':
        return invoicePayment(payment, { arrival, own, begun: claim, decided: reconsider }, lease, deps);
    }
  });
}

/** Asked by a person. */
export interface SettleOptions {
  /** Decide anew a payment that was skipped, or parked for review. */
  readonly reconsider?: boolean;
  /** Date the documents by the day on which the payment was given, although its money came later. */
  readonly dateAsGiven?: boolean;
}

/** For its invoice, or for the own invoice that it pays. What is skipped has no document to date. */
function needsItsDay({ status }: Payment['intent'], verdict: Verdict, own: Confirmation | undefined): boolean {
  return status === 'succeeded' && (verdict.action === 'invoice' || own?.end === 'processing');
}

interface ToInvoice {
  readonly arrival: MoneyArrival;
  readonly own: Confirmation | undefined;
  readonly begun: Claim | undefined;
  readonly decided: boolean;
}

async function invoicePayment(
  payment: Payment,
  { arrival, own, begun, decided }: ToInvoice,
  lease: PaymentLease,
  deps: Deps,
): Promise<Outcome> {
  const ref = refOf(lease);
  const parts = own?.end === 'paid' ? { lines: linesOfOwnInvoice(own.invoice) } : invoiceLines(payment);
  if ('mismatch' in parts) {
    return park(deps, lease, {
      kind: 'line_items_differ',
      summary: `The line items of payment ${ref.paymentIntent} don't come to what was received. No invoice was made.`,
      details: parts.mismatch,
    });
  }
  const { amount, currency } = receivedOf(payment);
  const recipient = own?.end === 'paid' ? recipientOf(own.invoice) : undefined;
  const billTo = billToOf(payment, { settlement: deps.settlement, recipient });
  const head = headOf(payment, arrival, own?.end === 'paid' ? own.invoice.number : null);
  try {
    const claim = await completeInvoice(
      begun ?? (await claimPayment(deps.db, lease, { billTo, total: amount, currency })),
      { ...deps, lease, payment, lines: parts.lines, head, recipient, decided },
    );
    await withdrawQuestions(deps.db, ANSWERED_BY_ITS_INVOICE, ref.paymentIntent, 'the payment has its invoice now');
    return conclude('processed', `invoice ${claim.number}`, ref);
  } catch (error) {
    if (!(error instanceof GuardFailed)) throw error;
    return park(deps, lease, { kind: error.kind, summary: error.message, details: error.details });
  }
}

/** @param ownNumber the own invoice that was paid: the Stripe invoice carries its number */
function headOf({ intent }: Payment, arrival: MoneyArrival, ownNumber: string | null): StepContext['head'] {
  return {
    effective_at: 'at' in arrival ? arrival.at : bug(`payment ${intent.id} has no day to date its invoice by`),
    ...(intent.description ? { description: intent.description } : {}),
    ...(ownNumber ? { custom_fields: [{ name: 'Invoice', value: ownNumber }] } : {}),
  };
}

/** What the own invoice says about its payment; undefined leaves the decision to the rules. */
function verdictOfOwn(own: Confirmation | undefined, { invoiceOwnPayments }: Deps): Verdict | undefined {
  if (own?.end === 'unapplied') return { action: 'skip', reason: own.reason };
  if (own?.end === 'mismatch') return { action: 'review', reason: own.reason };
  if (own?.end === 'paid' && !invoiceOwnPayments) {
    return { action: 'skip', reason: `it paid our invoice ${own.invoice.number}, and INVOICE_OWN_PAYMENTS is off` };
  }
  return undefined;
}

/** What is already certain without asking Stripe. */
function conclusionOf(row: PaymentRow, reconsider: boolean): Outcome | undefined {
  const ref = { account: row.account, paymentIntent: row.payment_intent };
  if (row.settled_at && row.verdict === 'invoice') return conclude('processed', 'the payment has its invoice', ref);
  if (reconsider) return undefined;
  if (row.settled_at) return conclude('ignored', row.reason ?? 'skipped', ref);
  if (row.verdict === 'review') return conclude('review', row.reason ?? 'a person is asked', ref);
  return undefined;
}

async function park(
  { db }: Deps,
  lease: PaymentLease,
  question: { kind: string; summary: string; details: Record<string, unknown> },
): Promise<Outcome> {
  const ref = refOf(lease);
  await db.transaction(async (trx) => {
    await askPerson(trx, { ...question, subject: ref.paymentIntent });
    await parkPayment(trx, lease, question.summary);
  });
  return conclude('review', question.summary, ref);
}

/** A payment that a person had reconsidered came through: its open questions are answered. */
const ANSWERED_BY_ITS_INVOICE = [
  'eligibility_unclear',
  'line_items_differ',
  'invoice_total_differs',
  'invoice_not_settled',
  UNBOOKED,
  'invoice_changed_by_hand',
  'customer_balance_consumed',
  'invoice_refused',
];

function conclude(outcome: Outcome['outcome'], reason: string, { paymentIntent }: PaymentRef): Outcome {
  return { outcome, reason, paymentIntent };
}
