import type { Knex } from 'knex';
import { formatMoney } from '../../platform/money.ts';
import { askPerson, withdrawQuestion } from '../desk/review-items.ts';
import type { Subscription, SubscriptionInvoice } from '../subscriptions/subscription.ts';
import './questions.ts';
import type { KeptCase } from './recovery-cases.ts';

/**
 * While a subscription is `unpaid` Stripe goes on making invoices, and leaves them drafts for good: once it is active again
 * somebody has to say whether the customer owes them. No program should: nobody knows what was provided in that time.
 */
export async function askAboutDrafts(
  trx: Knex.Transaction,
  subscription: Subscription,
  invoices: readonly SubscriptionInvoice[],
  cases: readonly KeptCase[],
): Promise<void> {
  if (!cases.some(({ how }) => how === 'exhausted')) return;
  const left = draftsLeft(subscription, invoices);
  const { id } = subscription;
  const [first] = left;
  if (!first) {
    await withdrawQuestion(trx, { kind: 'unpaid_drafts_left', subject: id }, 'no such draft is left');
    return;
  }
  const amount = left.reduce((sum, each) => sum + each.total, 0);
  const { currency } = first;
  await askPerson(trx, {
    kind: 'unpaid_drafts_left',
    subject: id,
    summary: `Subscription ${id} was unpaid and is ${subscription.status} again. Of that time ${left.length} invoices over ${formatMoney({ amount, currency })} are drafts that Stripe leaves as they are. Does the customer owe them?`,
    details: { subscription: id, drafts: left.map((each) => each.id), amount, currency },
  });
}

/** Pure. Oldest first. A draft that Stripe goes on with is none of them, nor are those of a paused collection. */
export function draftsLeft(
  { status, pauseCollection }: Pick<Subscription, 'status' | 'pauseCollection'>,
  invoices: readonly SubscriptionInvoice[],
): SubscriptionInvoice[] {
  if (pauseCollection !== null || (status !== 'active' && status !== 'past_due')) return [];
  return invoices
    .filter(
      (each) => each.status === 'draft' && each.autoAdvance === false && each.billingReason === 'subscription_cycle',
    )
    .toSorted((one, other) => one.created.getTime() - other.created.getTime());
}
