import { z } from 'zod';
import type { Deps } from '../deps/deps.ts';
import { type AskedQuestion, answered, type Choice, type Decider } from '../desk/questions.ts';
import { refundedAsDuplicate } from '../desk/review-items.ts';
import { releaseAttemptOf } from '../own-invoices/checkout-attempts.ts';
import { decidePayment } from '../payments/payment-decisions.ts';
import { refundPayment } from '../payments/refund-payment.ts';
import { settleAnew } from './payment.ts';

/** What may be decided about money that fits nothing, or came once more; and about payment pages that are not ours. */

export const refundAsDuplicate: Choice = {
  name: refundedAsDuplicate,
  effect: 'The whole payment is refunded to the customer, with the reason duplicate.',
  // The subject of a session without a payment is the session.
  fits: ({ subject }) => /^(pi|ch|py)_/.test(subject),
  run: async (item, deps, by) => {
    const said = await refundPayment(item.subject, 'duplicate', deps.stripe);
    await leaveWithoutDocument(item, deps, by);
    return answered(said);
  },
};

export const keepPayment: Choice = {
  name: 'keep_payment',
  effect: 'The money stays; settle with the customer another way. An invoice that is not paid can be paid again.',
  run: async (item, deps, by) => {
    await leaveWithoutDocument(item, deps, by);
    return answered('the payment stays unapplied');
  },
};

/** The invoice can be paid in another session, and the payment is undecided no more. */
async function leaveWithoutDocument(item: AskedQuestion, deps: Deps, { actor, reason }: Decider): Promise<void> {
  await releaseAttemptOf(deps.db, item.subject);
  if (!item.subject.startsWith('pi_')) return;
  const ref = { account: '', paymentIntent: item.subject };
  await deps.db.transaction((trx) => decidePayment(trx, ref, { verdict: 'skip', reason, decided_by: actor }));
  await settleAnew(item, deps);
}

export const keepSecond: Choice = {
  name: 'keep_payment',
  effect: 'The money stays, without a document of its own; settle with the customer another way.',
  run: async () => answered('the payment stays without a document'),
};

/** About its payment it was decided before. */
export const refundSecond: Choice = {
  ...refundAsDuplicate,
  run: async ({ subject }, { stripe }) => answered(await refundPayment(subject, 'duplicate', stripe)),
};

const failedRefund = z.looseObject({ payment_intent: z.string() });

/** The question is about the refund. */
export const refundOnceMore: Choice = {
  name: refundedAsDuplicate,
  effect: refundAsDuplicate.effect,
  run: async ({ details }, { stripe }) =>
    answered(await refundPayment(failedRefund.parse(details).payment_intent, 'duplicate', stripe)),
};

export const closeSession: Choice = {
  name: 'close_session',
  effect: 'The payment page is closed at Stripe: nobody can pay there any more.',
  run: async ({ subject }, { stripe }) => {
    const { status } = await stripe.checkout.sessions.retrieve(subject);
    if (status !== 'open') return answered(`the payment page was ${status} already`);
    await stripe.checkout.sessions.expire(subject);
    return answered('the payment page is closed');
  },
};

export const leaveSession: Choice = {
  name: 'leave_open',
  effect: 'The payment page stays as it is: it is known whose it is. A payment there is asked about when it comes.',
  run: async () => answered('the payment page stays open'),
};
