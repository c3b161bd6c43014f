import { z } from 'zod';
import { adjustPayment } from '../adjustments/adjust-payment.ts';
import type { Deps } from '../deps/deps.ts';
import { type Answer, type AskedQuestion, answered, type Choice } from '../desk/questions.ts';
import { isOpen } from '../desk/review-items.ts';
import { decidePayment, type PaymentDecision } from '../payments/payment-decisions.ts';
import type { SettleOptions } from '../stripe-invoices/settle-payment.ts';

/** What may be decided about the invoice of a payment. Each goes through the use case that its events go through. */

export const tryAgain: Choice = {
  name: 'try_again',
  effect:
    'The payment is fetched from Stripe and decided anew, now. If its cause is still there, it stays asked about.',
  run: (item, deps) => settleAnew(item, deps),
};

export const lookAgain: Choice = {
  name: 'try_again',
  effect: 'The payment is fetched from Stripe once more; if it is booked now, it gets its documents.',
  run: (item, deps) => settleAnew(item, deps),
};

export const dateAsGiven: Choice = {
  name: 'date_as_given',
  effect: 'The documents are dated by the day on which the payment was authorised or the debit was ordered.',
  run: (item, deps) => settleAnew(item, deps, { dateAsGiven: true }),
};

export const invoiceIt: Choice = {
  name: 'invoice_it',
  effect: 'The payment gets its invoice, whatever the rules say of it from now on.',
  run: deciding('invoice'),
};

export const invoiceInOneLine: Choice = {
  name: 'invoice_in_one_line',
  effect: 'The payment gets an invoice of one line, without tax, over what was received.',
  run: deciding('invoice_in_one_line'),
};

export const skipForGood: Choice = {
  name: 'skip',
  effect:
    'The payment gets no invoice, nor its refunds a credit note. What was begun is taken back: a draft is deleted, an open invoice voided; one that is paid stays, as the invoice of the payment.',
  run: deciding('skip'),
};

/** The state of the invoice at Stripe when it was asked about. */
const statusOf = ({ details }: AskedQuestion): string | undefined =>
  z.looseObject({ status: z.string().optional() }).safeParse(details).data?.status;

export const acceptAsItIs: Choice = {
  name: 'accept_as_it_is',
  effect: 'The invoice that is there is taken as the invoice of the payment, and marked paid if it is not.',
  fits: (item) => statusOf(item) !== 'void',
  run: (item, deps) => settleAnew(item, deps, { invoiceIs: 'accept' }),
};

export const beginAnew: Choice = {
  name: 'begin_anew',
  effect: 'The payment gets another invoice in place of the one that is void; one that is not paid is voided first.',
  fits: (item) => statusOf(item) !== 'paid',
  run: (item, deps) => settleAnew(item, deps, { invoiceIs: 'begin_anew' }),
};

/** Kept before anything is done: whatever takes the payment up next does the same. */
function deciding(verdict: PaymentDecision['verdict']): Choice['run'] {
  return async (item, deps, { actor, reason }) => {
    const ref = { account: '', paymentIntent: item.subject };
    await deps.db.transaction((trx) => decidePayment(trx, ref, { verdict, reason, decided_by: actor }));
    return settleAnew(item, deps);
  };
}

/** The question is answered when it is asked no more: it may have made way for another one. */
export async function settleAnew(item: AskedQuestion, deps: Deps, options: SettleOptions = {}): Promise<Answer> {
  const ref = { account: '', paymentIntent: item.subject };
  const end = await adjustPayment(ref, deps, { reconsider: true, ...options });
  const said = `${end.outcome}: ${end.reason}`;
  const isAsked = end.outcome === 'review' && (await isOpen(deps.db, item.id));
  return isAsked ? { answered: false, said } : answered(said);
}
