import type { Knex } from 'knex';
import { bug } from '../../platform/errors.ts';
import { concludeReviewed, type Outcome } from '../../stripe/inbox/events.ts';
import { fetchPayment, type Payment } from '../../stripe/payment.ts';
import { notePurchase } from '../access/follow-purchase.ts';
import type { Deps, Finish } from '../deps/deps.ts';
import type { Question } from '../desk/questions.ts';
import { askPerson, isAskedAboutPayment, withdrawQuestions } from '../desk/review-items.ts';
import type { Confirmation } from '../own-invoices/confirm-checkout.ts';
import { linesOfOwnInvoice } from '../own-invoices/document-lines.ts';
import { recipientOf } from '../own-invoices/follow-own-invoice.ts';
import { atRest } from '../payments/at-rest.ts';
import { givenAt, type MoneyArrival, moneyArrival } from '../payments/money-arrival.ts';
import { type PaymentLease, refOf, withPaymentLease } from '../payments/payment-lease.ts';
import type { PaymentRef } from '../payments/payment-row.ts';
import { parkPayment, receivedOf, recordVerdict } from '../payments/payments.ts';
import type { Verdict } from '../payments/verdict.ts';
import { awaitBooking } from './await-booking.ts';
import { findBegun } from './begun.ts';
import { billToOf } from './buyer.ts';
import { completeInvoice } from './complete-invoice.ts';
import { invoiceLines } from './invoice-lines.ts';
import { type DecidedInvoice, GuardFailed, type StepContext } from './invoice-steps.ts';
import { lookFor } from './look-first.ts';
import { type Claim, claimFirst } from './payment-invoices.ts';
import { ownInvoiceOf, purposeOf } from './purpose.ts';
import { ABOUT_ITS_INVOICE } from './questions.ts';
import { askAboutSecondPayment } from './second-payment.ts';
import { begunBefore, verdictOn } from './verdict-on.ts';
import { withdrawInvoice } from './withdraw-invoice.ts';

/**
 * Brings one payment and its invoice into agreement: an eligible payment ends with one Stripe invoice, finalized and paid,
 * whose total is what was received. Called by every event of the payment, by replay, backfill and reconciliation alike;
 * a payment that is settled already costs no request to Stripe.
 * @throws NotYetError while the day on which its money came is not known yet
 */
export async function settlePayment(ref: PaymentRef, deps: Deps, options: SettleOptions = {}): Promise<Outcome> {
  const settle = (lease: PaymentLease) => settleUnder(lease, ref, deps, options);
  return withPaymentLease(deps.db, ref, deps.livemode, settle, atRest(options.reconsider ?? false));
}

async function settleUnder(lease: PaymentLease, ref: PaymentRef, deps: Deps, options: SettleOptions): Promise<Outcome> {
  const payment = await fetchPayment(deps.stripe, ref.paymentIntent);
  const { intent, charge } = payment;
  const arrival = options.dateAsGiven ? givenAt(intent, charge) : moneyArrival(intent, charge);
  const purpose = await purposeOf(payment, deps, arrival);
  const own = ownInvoiceOf(purpose);
  // Whatever becomes of the document: who has paid does not wait for it.
  await notePurchase(lease, payment, arrival, deps);
  const { begun, decision } = await findBegun(deps.db, ref);
  const verdict = verdictOn(purpose, payment, { begun, decision, row: lease.row }, deps);
  if ('awaited' in arrival && needsItsDay(intent, verdict, own)) {
    await recordVerdict(deps.db, lease, payment, { action: 'wait', reason: arrival.awaited }, arrival);
    return awaitBooking(arrival.awaited, lease, deps);
  }
  const work: Work = {
    payment,
    arrival,
    own,
    begun,
    lease,
    ...(options.invoiceIs ? { invoiceIs: options.invoiceIs } : {}),
    ...(options.settled ? { settled: options.settled } : {}),
  };
  if (verdict.action === 'skip' && begun) {
    await recordVerdict(deps.db, lease, payment, begunBefore(lease.row), arrival);
    const left = await withdrawInvoice(begun, contextOf(work, [], {}, deps));
    if (left.step === 'paid') return invoiced(left, work, deps);
  }
  // Before the verdict: it is final, and nobody would ask after it.
  const again = 'paidAgain' in verdict ? verdict.paidAgain : undefined;
  const asked = again && (await askAboutSecondPayment(deps.db, ref.paymentIntent, again));
  if (verdict.action === 'invoice') return invoicePayment(work, verdict, deps);
  await recordVerdict(deps.db, lease, payment, verdict, arrival);

  switch (verdict.action) {
    case 'wait':
      return conclude(own?.end === 'unapplied' ? 'review' : 'ignored', verdict.reason, ref);
    case 'skip':
      await withdrawAll(`it gets no invoice: ${verdict.reason}`, ref, deps);
      return conclude((own?.end === 'unapplied' && !decision) || asked ? 'review' : 'ignored', verdict.reason, ref);
    case 'review':
      if (own?.end === 'mismatch') return conclude('review', verdict.reason, ref);
      return park(deps, lease, {
        kind: 'eligibility_unclear',
        subject: ref.paymentIntent,
        summary: `A rule asks a person whether payment ${ref.paymentIntent} gets an invoice: ${verdict.reason}.`,
        details: { rule: verdict.rule, ...receivedOf(payment) },
      });
  }
}

export interface SettleOptions {
  /** In the transaction of the last step, when the payment gets its invoice now. */
  readonly settled?: Finish;
  /** Asked by a person, as the rest: decide anew a payment that was skipped, or parked for review. */
  readonly reconsider?: boolean;
  /** Date the documents by the day on which the payment was given, although its money came later. */
  readonly dateAsGiven?: boolean;
  /** What becomes of an invoice that was changed by hand. */
  readonly invoiceIs?: DecidedInvoice;
}

type VerdictToInvoice = Exclude<Verdict, { readonly action: 'wait' }>;

const HAS_ITS_INVOICE = 'the payment has its invoice now';
/** A claim that is made just now. */
const UNTRIED = { stripe_invoice: null, tried_at: null, key_version: 1 } as const;

/** For its invoice, or for the own invoice that it pays. What is skipped has no document to date. */
function needsItsDay({ status }: Payment['intent'], verdict: Verdict, own: Confirmation | undefined): boolean {
  return status === 'succeeded' && (verdict.action === 'invoice' || own?.end === 'processing');
}

/** What is known of a payment while it is settled. */
interface Work extends Pick<SettleOptions, 'invoiceIs' | 'settled'> {
  readonly payment: Payment;
  readonly arrival: MoneyArrival;
  readonly own: Confirmation | undefined;
  readonly begun: Claim | undefined;
  readonly lease: PaymentLease;
}

async function invoicePayment(work: Work, verdict: VerdictToInvoice, deps: Deps): Promise<Outcome> {
  const { payment, arrival, own, begun, lease } = work;
  const inOneLine = verdict.inOneLine === true;
  const ref = refOf(lease);
  const parts =
    own?.end === 'paid' && !inOneLine ? { lines: linesOfOwnInvoice(own.invoice) } : invoiceLines(payment, inOneLine);
  if ('mismatch' in parts) {
    await recordVerdict(deps.db, lease, payment, verdict, arrival);
    return park(deps, lease, {
      kind: 'line_items_differ',
      subject: ref.paymentIntent,
      summary: `The line items of payment ${ref.paymentIntent} don't come to what was received. No invoice was made.`,
      details: parts.mismatch,
    });
  }
  const head = headOf(payment, arrival, own?.end === 'paid' ? own.invoice.number : null);
  const context = contextOf(work, parts.lines, head, deps);
  const billTo = billToOf(payment, { settlement: context.settlement, recipient: context.recipient });
  try {
    if (begun) {
      await recordVerdict(deps.db, lease, payment, verdict, arrival);
      return await invoiced(await completeInvoice(begun, context), work, deps);
    }
    // What nobody can have begun is claimed and begun at once.
    const begins = lookFor(UNTRIED, payment, deps.clock()) === 'nothing';
    const billed = billTo === 'buyer' ? payment.customer?.id : undefined;
    const total = receivedOf(payment).amount;
    const made = await claimFirst(deps.db, lease, { payment, verdict, arrival, billTo, billed, total, begins });
    return await invoiced(await completeInvoice(made, context, begins), work, deps);
  } catch (error) {
    if (!(error instanceof GuardFailed)) throw error;
    return park(deps, lease, { ...error.question, subject: ref.paymentIntent, summary: error.message });
  }
}

async function invoiced({ number }: Claim, { lease }: Work, deps: Deps): Promise<Outcome> {
  const ref = refOf(lease);
  // Settled in this run: then it was done with that, and the lease with it.
  if (!lease.known.isOver) await withdrawAll(HAS_ITS_INVOICE, ref, deps);
  return hasInvoice(number, ref);
}

function hasInvoice(number: string | null, ref: PaymentRef): Outcome {
  return conclude('processed', `invoice ${number}`, ref);
}

/** Whatever was asked about its invoice has settled itself, and with it the events that waited for an answer. */
async function withdrawAll(reason: string, ref: PaymentRef, { db }: Deps): Promise<void> {
  await db.transaction((trx) => withdrawWith(trx, reason, ref));
}

async function withdrawWith(trx: Knex.Transaction, reason: string, { paymentIntent }: PaymentRef): Promise<void> {
  const withdrawn = await withdrawQuestions(trx, [...ABOUT_ITS_INVOICE, 'event_failed'], paymentIntent, reason);
  if (withdrawn > 0 && !(await isAskedAboutPayment(trx, paymentIntent))) {
    await concludeReviewed(trx, paymentIntent, reason);
  }
}

function contextOf(
  { payment, own, lease, invoiceIs, settled }: Work,
  lines: StepContext['lines'],
  head: StepContext['head'],
  deps: Deps,
): StepContext {
  const recipient = own?.end === 'paid' ? recipientOf(own.invoice) : undefined;
  const { settlement } = deps.policy.invoicing;
  const settling = async (trx: Knex.Transaction, { number }: Claim): Promise<void> => {
    await withdrawWith(trx, HAS_ITS_INVOICE, refOf(lease));
    await settled?.(trx, hasInvoice(number, refOf(lease)));
    await lease.end(trx);
  };
  return { ...deps, settling, settlement, lease, payment, lines, head, recipient, decided: invoiceIs };
}

/** @param ownNumber the own invoice that was paid: the Stripe invoice carries its number */
function headOf({ intent }: Payment, arrival: MoneyArrival, ownNumber: string | null): StepContext['head'] {
  return {
    effective_at: 'at' in arrival ? arrival.at : bug(`payment ${intent.id} has no day to date its invoice by`),
    ...(intent.description ? { description: intent.description } : {}),
    ...(ownNumber ? { custom_fields: [{ name: 'Invoice', value: ownNumber }] } : {}),
  };
}

/** One thing is asked about the invoice of a payment at a time. */
async function park({ db }: Deps, lease: PaymentLease, question: Question): Promise<Outcome> {
  const ref = refOf(lease);
  const others = ABOUT_ITS_INVOICE.filter((kind) => kind !== question.kind);
  await db.transaction(async (trx) => {
    await withdrawQuestions(trx, others, ref.paymentIntent, `something else is asked: ${question.kind}`);
    await askPerson(trx, question);
    await parkPayment(trx, lease, question.summary);
  });
  return conclude('review', question.summary, ref);
}

function conclude(outcome: Outcome['outcome'], reason: string, { paymentIntent }: PaymentRef): Outcome {
  return { outcome, reason, paymentIntent };
}
