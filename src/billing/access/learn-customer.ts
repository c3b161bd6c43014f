import type { Knex } from 'knex';
import { leaveMark } from '../agreement/marks.ts';
import { ownerlessSubscriptions } from '../subscriptions/subscriptions.ts';
import { mapCustomer } from './customers.ts';
import { ownerlessPurchases } from './purchases.ts';

export interface Learnt {
  /** cus_…; null: a guest, of whom nothing can be learnt. */
  readonly customer: string | null;
  readonly reference: string;
  /** The cause that says so. */
  readonly by: string;
}

/** Something has told who a customer at Stripe is: what he has bought before, without saying so, is his too. */
export async function learnCustomer(trx: Knex.Transaction, { customer, reference, by }: Learnt): Promise<void> {
  if (customer === null || !(await mapCustomer(trx, { customer, reference, by }))) return;
  const why = 'it is known now who the customer is';
  for (const id of await ownerlessPurchases(trx, customer)) {
    await leaveMark(trx, { record: 'payment', id }, 'access', why);
  }
  for (const id of await ownerlessSubscriptions(trx, customer)) {
    await leaveMark(trx, { record: 'subscription', id }, 'access', why);
  }
}
