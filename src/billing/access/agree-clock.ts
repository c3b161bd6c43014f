import type { Knex } from 'knex';
import type { Circumstances } from '../agreement/dependent.ts';
import type { Changed } from '../agreement/records.ts';
import { subscriptionsOnClock } from '../subscriptions/subscriptions.ts';
import { agreeAccessOfPayment } from './agree-access.ts';
import { agreeAccessOfSubscription } from './agree-subscription.ts';
import { purchasesOnClock } from './purchases.ts';

/** A test clock has moved: all that is on it is judged anew. Stripe allows it a few customers. */
export async function agreeAccessOnClock(
  trx: Knex.Transaction,
  { id: clock }: Changed<'test_clock'>,
  circumstances: Circumstances,
): Promise<void> {
  for (const id of await subscriptionsOnClock(trx, clock)) {
    await agreeAccessOfSubscription(trx, { record: 'subscription', id }, circumstances);
  }
  for (const id of await purchasesOnClock(trx, clock)) {
    await agreeAccessOfPayment(trx, { record: 'payment', id }, circumstances);
  }
}
