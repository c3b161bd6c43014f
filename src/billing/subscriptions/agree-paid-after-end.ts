import './questions.ts';
import type { Knex } from 'knex';
import { formatMoney } from '../../platform/money.ts';
import type { Circumstances } from '../agreement/dependent.ts';
import type { Changed } from '../agreement/records.ts';
import { askPerson, askPersonOnce, withdrawQuestion } from '../desk/review-items.ts';
import { invoicesOf, refundedInVain, takenBackInvoices } from './invoices.ts';
import { isPaidAfterEnd } from './paid-after-end.ts';
import type { Subscription, SubscriptionInvoice } from './subscription.ts';
import { findSubscription } from './subscriptions.ts';

/** Money for a subscription that has ended gives nothing: a person says what becomes of it. Who has no plans is asked nothing. */
export async function agreePaidAfterEnd(
  trx: Knex.Transaction,
  { id }: Changed<'subscription'>,
  { rules }: Circumstances,
): Promise<void> {
  if (Object.keys(rules.access.plans).length === 0) return;
  const subscription = await findSubscription(trx, id, true);
  if (!subscription) return;
  const late = (await invoicesOf(trx, id)).filter((invoice) => isPaidAfterEnd(subscription, invoice));
  if (late.length === 0) return;
  const takenBack = await takenBackInvoices(trx, id, { fullRefund: true, lostDispute: true });
  for (const invoice of late) {
    if (takenBack.has(invoice.id)) {
      await withdrawQuestion(trx, { kind: 'payment_after_end', subject: invoice.id }, 'the money has gone back');
    } else {
      await ask(trx, subscription, invoice);
    }
  }
}

async function ask(
  trx: Knex.Transaction,
  { id: subscription, status }: Subscription,
  { id, number, amountPaid: amount, currency }: SubscriptionInvoice,
): Promise<void> {
  const money = formatMoney({ amount, currency });
  const question = {
    kind: 'payment_after_end' as const,
    subject: id,
    summary: `Invoice ${number ?? id} of ${money} was paid after its subscription ${subscription} had ended (${status}). Nothing is given for it.`,
    details: { invoice: id, subscription, amount, currency },
  };
  if (!(await refundedInVain(trx, id))) await askPersonOnce(trx, question);
  else {
    await askPerson(trx, {
      ...question,
      summary: `${question.summary} It was to be refunded, and the refund did not reach the customer.`,
    });
  }
}
