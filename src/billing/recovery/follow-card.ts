import type { Outcome } from '../../stripe/inbox/events.ts';
import type { EventDeps } from '../deps/deps.ts';
import { type CustomerRef, followCustomer } from '../subscriptions/follow-catalog.ts';
import { lookAtUnpaid } from './retry-looks.ts';

/**
 * A card of a customer is new, or another one is charged from now on: his subscriptions are looked at, and what is unpaid is tried
 * with it soon (retry-case.ts), if Stripe says then that it is owed.
 */
export async function followCard(ref: CustomerRef, deps: EventDeps): Promise<Outcome> {
  const end = await followCustomer(ref, deps);
  const unpaid = await lookAtUnpaid(deps.db, ref.customer);
  return unpaid === 0 ? end : { ...end, reason: `${end.reason}, and ${unpaid} unpaid invoices with them` };
}
