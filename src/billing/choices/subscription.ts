import '../subscriptions/questions.ts';
import { z } from 'zod';
import { isMissing } from '../../stripe/errors.ts';
import { fetchPaymentsOf } from '../../stripe/subscriptions.ts';
import type { Deps } from '../deps/deps.ts';
import { NotDecided } from '../desk/decide.ts';
import { type Answer, type AskedQuestion, answered, type Choice } from '../desk/questions.ts';
import { isOpen } from '../desk/review-items.ts';
import { refundPayment } from '../payments/refund-payment.ts';
import { syncSubscription } from '../subscriptions/sync-subscription.ts';

/** What may be decided about a subscription that is one too many, and about money for one that has ended. */

const two = z.looseObject({ subscription: z.string(), other: z.string() });

export const cancelLater: Choice = {
  name: 'cancel_later',
  effect:
    'The subscription that began later is canceled at Stripe, now. What was paid for it is not refunded: do that at Stripe, if it is owed.',
  run: (item, deps) => cancelOneOf(item, two.parse(item.details).subscription, deps),
};

export const cancelEarlier: Choice = {
  name: 'cancel_earlier',
  effect:
    'The subscription that began earlier is canceled at Stripe, now. What was paid for it is not refunded: do that at Stripe, if it is owed.',
  run: (item, deps) => cancelOneOf(item, two.parse(item.details).other, deps),
};

export const keepBoth: Choice = {
  name: 'keep_both',
  effect: 'Nothing is done: both are wanted. It is not asked again about the one that began later.',
  run: async () => answered('both go on'),
};

/** Stripe is asked about both first: of two of which one has ended meanwhile, the last is not canceled. */
async function cancelOneOf({ id, details }: AskedQuestion, unwanted: string, deps: Deps): Promise<Answer> {
  const { subscription, other } = two.parse(details);
  for (const each of [other, subscription]) await syncSubscription({ subscription: each }, deps);
  if (!(await isOpen(deps.db, id))) return answered('only one of them is billed any more: nothing is canceled');
  const said = await cancelNow(unwanted, deps);
  const isAsked = await isOpen(deps.db, id);
  return { answered: !isAsked, said };
}

/** Looks first: who decides twice finds it canceled. */
async function cancelNow(id: string, deps: Deps): Promise<string> {
  const { status } = await deps.stripe.subscriptions.retrieve(id);
  if (status === 'canceled' || status === 'incomplete_expired') return `${id} was ${status} already`;
  try {
    await deps.stripe.subscriptions.cancel(id);
  } catch (error) {
    // Somebody was quicker.
    if (!isMissing(error)) throw error;
  }
  await syncSubscription({ subscription: id }, deps);
  return `${id} is canceled`;
}

export const refundInvoice: Choice = {
  name: 'refund_payment',
  effect: 'All that is left of what has paid the invoice is refunded to the customer.',
  run: async ({ subject }, { stripe }) => {
    const payments = await fetchPaymentsOf(stripe, subject);
    if (payments.length === 0) {
      throw new NotDecided(
        `Invoice ${subject} was paid elsewhere, not by a payment at Stripe: give the money back there, and decide keep_payment.`,
      );
    }
    const said = [];
    for (const payment of payments) said.push(await refundPayment(payment, 'requested_by_customer', stripe));
    return answered(said.join('; '));
  },
};

export const keepPayment: Choice = {
  name: 'keep_payment',
  effect:
    'The money stays, and nothing is given for it: settle with the customer another way, or give access by hand until he subscribes again.',
  run: async () => answered('the payment stays'),
};
