import { z } from 'zod';
import { whenFree } from '../../platform/when-free.ts';
import { ignoreAwaiting } from '../../stripe/inbox/awaiting-release.ts';
import { NOBODY_LISTENS } from '../../stripe/inbox/inbox.ts';
import { adjustPayment } from '../adjustments/adjust-payment.ts';
import { closeAdjustment, findAdjustments } from '../adjustments/adjustments.ts';
import { isReversalIssued, reverseNote } from '../adjustments/reverse-note.ts';
import type { Deps } from '../deps/deps.ts';
import { releaseAttemptOf } from '../own-invoices/checkout-attempts.ts';
import { UNBOOKED } from '../stripe-invoices/await-booking.ts';
import { recordAudit } from './audit-log.ts';
import { refundDuplicate } from './refund-duplicate.ts';
import { closeReviewItem, findReviewItem, keptNote, type ReviewItem, refundedAsDuplicate } from './review-items.ts';

/**
 * What a person may decide about an open question, and what then happens. A decision does its work first and closes the
 * question after it: if the process dies between the two, the same decision is simply made again.
 */
export interface Choice {
  readonly name: string;
  /** For the person who decides: what will happen. */
  readonly effect: string;
  readonly run: (item: ReviewItem, deps: Deps) => Promise<string>;
}

const dismiss: Choice = {
  name: 'dismiss',
  effect: 'Nothing is done; the question is closed.',
  run: async () => 'closed without any action',
};

const tryAgain: Choice = {
  name: 'try_again',
  effect: 'The payment is fetched from Stripe and decided anew, now.',
  run: async ({ subject }, deps) => {
    const end = await adjustPayment({ account: '', paymentIntent: subject }, deps, { reconsider: true });
    return `${end.outcome}: ${end.reason}`;
  },
};

const lookAgain: Choice = {
  name: 'try_again',
  effect: 'The payment is fetched from Stripe once more; if it is booked now, it gets its documents.',
  run: async ({ subject }, deps) => {
    const end = await adjustPayment({ account: '', paymentIntent: subject }, deps, { reconsider: true });
    if (end.outcome === 'review') throw new Error(`Not yet: ${end.reason}`);
    return `${end.outcome}: ${end.reason}`;
  },
};

const dateAsGiven: Choice = {
  name: 'date_as_given',
  effect: 'The documents are dated by the day on which the payment was authorised or the debit was ordered.',
  run: async ({ subject }, deps) => {
    const options = { reconsider: true, dateAsGiven: true };
    const end = await adjustPayment({ account: '', paymentIntent: subject }, deps, options);
    return `${end.outcome}: ${end.reason}`;
  },
};

const invoiceAllTheSame: Choice = {
  ...tryAgain,
  effect: 'The payment gets its invoice: a new one if it was voided, else the one that is there is taken as paid.',
};

const adjustmentOf = z.looseObject({ payment_intent: z.string() });

const issueAgain: Choice = {
  name: 'try_again',
  effect: 'The credit note is planned anew and issued, now.',
  run: async ({ subject, details }, deps) => {
    const { payment_intent: paymentIntent } = adjustmentOf.parse(details);
    const end = await adjustPayment({ account: '', paymentIntent }, deps);
    const row = (await findAdjustments(deps.db, { account: '', paymentIntent })).find(({ id }) => id === subject);
    if (row?.decision === 'review') throw new Error(`Not yet: ${row.reason}`);
    return `${end.outcome}: ${end.reason}`;
  },
};

const keepNote: Choice = {
  name: keptNote,
  effect: 'The credit note stays; pay the customer another way if the money is still owed to him.',
  run: async ({ subject, details }, deps) => {
    const note = creditNoteOf.parse(details).credit_note;
    if (await isReversalIssued(note, deps))
      throw new Error(
        `Credit note ${note} has its reversal invoice already: decide issue_reversal again to finish it.`,
      );
    await closeAdjustment(deps.db, subject, 'a person decided to keep the note');
    return 'the credit note stays';
  },
};

const creditNoteOf = z.looseObject({ credit_note: z.string() });

const reverse: Choice = {
  name: 'issue_reversal',
  effect: 'A new invoice with the lines of the credit note is issued and marked paid; it refers to the note.',
  run: async ({ subject, details }, deps) => {
    const number = await reverseNote(creditNoteOf.parse(details).credit_note, deps);
    await closeAdjustment(deps.db, subject, `its note was taken back by invoice ${number}`);
    return `reversed by invoice ${number}`;
  },
};

const refundAsDuplicate: Choice = {
  name: refundedAsDuplicate,
  effect: 'The whole payment is refunded to the customer, with the reason duplicate.',
  run: async ({ subject }, deps) => {
    const said = await refundDuplicate(subject, deps.stripe);
    await releaseAttemptOf(deps.db, subject);
    return said;
  },
};

/** The question is about the refund; about its payment it was decided before. */
const refundOnceMore: Choice = {
  ...refundAsDuplicate,
  run: async ({ details }, { stripe }) => refundDuplicate(adjustmentOf.parse(details).payment_intent, stripe),
};

const keepSecond: Choice = {
  name: 'keep_payment',
  effect: 'The money stays, without a document of its own; settle with the customer another way.',
  run: async () => 'the payment stays without a document',
};

const keepPayment: Choice = {
  name: 'keep_payment',
  effect: 'The money stays; settle with the customer another way. An invoice that is not paid can be paid again.',
  run: async ({ subject }, deps) => {
    await releaseAttemptOf(deps.db, subject);
    return 'the payment stays unapplied';
  },
};

const closeSession: Choice = {
  name: 'close_session',
  effect: 'The payment page is closed at Stripe: nobody can pay there any more.',
  run: async ({ subject }, { stripe }) => {
    const { status } = await stripe.checkout.sessions.retrieve(subject);
    if (status !== 'open') return `the payment page was ${status} already`;
    await stripe.checkout.sessions.expire(subject);
    return 'the payment page is closed';
  },
};

const ignoreType: Choice = {
  name: 'end_as_ignored',
  effect: 'All events of this type that wait end as ignored. "events reopen" gives them back to the workers later.',
  run: async ({ subject }, { db }) => {
    const ended = await ignoreAwaiting(db, subject, NOBODY_LISTENS);
    return `${ended} events ended as ignored`;
  },
};

const waitForRelease: Choice = {
  name: 'wait_for_release',
  effect: 'Nothing is done: the release that knows them takes them up when it runs. You are asked again in a week.',
  run: async () => 'they wait',
};

const CHOICES: Readonly<Record<string, readonly Choice[]>> = {
  refund_failed_after_note: [keepNote, reverse],
  dispute_won_after_note: [keepNote, reverse],
  adjustment_currency_differs: [dismiss],
  adjustment_not_covered: [dismiss],
  adjusted_invoice_not_paid: [issueAgain, dismiss],
  credit_note_refused: [issueAgain, dismiss],
  [UNBOOKED]: [lookAgain, dateAsGiven, dismiss],
  event_failed: [dismiss],
  event_type_unknown: [waitForRelease, ignoreType],
  double_payment: [refundAsDuplicate, keepPayment],
  payment_mismatch: [refundAsDuplicate, keepPayment],
  foreign_session: [closeSession, dismiss],
  invoice_changed_by_hand: [invoiceAllTheSame, dismiss],
  customer_balance_consumed: [invoiceAllTheSame, dismiss],
  document_paid_again: [refundAsDuplicate, keepSecond],
  duplicate_refund_failed: [refundOnceMore, keepSecond],
};

/** What is about a payment can be tried again once the cause is mended. */
const OF_A_PAYMENT: readonly Choice[] = [tryAgain, dismiss];

export function choicesFor(item: Pick<ReviewItem, 'kind' | 'subject'>): readonly Choice[] {
  return CHOICES[item.kind] ?? (item.subject.startsWith('pi_') ? OF_A_PAYMENT : [dismiss]);
}

export interface ReviewDecision {
  readonly choice: string;
  /** Who decides, e.g. admin:demo */
  readonly actor: string;
  readonly reason: string;
}

/**
 * @returns what was done, in words
 * @throws Error that says why, when there is no such open question or no such choice
 */
export async function decideReview(id: number, { choice, actor, reason }: ReviewDecision, deps: Deps): Promise<string> {
  const item = await findReviewItem(deps.db, id);
  if (!item) throw new Error(`There is no review item ${id}.`);
  if (item.state !== 'open') throw new Error(`Review item ${id} is ${item.state} already.`);
  const choices = choicesFor(item);
  const chosen = choices.find(({ name }) => name === choice);
  if (!chosen)
    throw new Error(`Review item ${id} offers ${choices.map(({ name }) => name).join(', ')}, not ${choice}.`);
  if (reason.trim() === '') throw new Error('A decision needs a reason.');

  const result = await whenFree(() => chosen.run(item, deps));
  await deps.db.transaction(async (trx) => {
    const state = choice === dismiss.name ? 'dismissed' : 'resolved';
    // Perhaps it is closed already: what was done can have answered the question by itself.
    await closeReviewItem(trx, id, { state, actor, choice, reason });
    await recordAudit(trx, {
      actor,
      action: `review.${choice}`,
      subject: item.subject,
      reason,
      details: { item: id, result },
    });
  });
  return result;
}
