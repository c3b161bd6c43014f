import type { Knex } from 'knex';
import type { AccessPolicy } from '../policy/access.ts';
import type { KeptSubscription } from '../subscriptions/subscriptions.ts';
import { assignmentOf } from './assignments.ts';
import { referenceOfCustomer } from './customers.ts';
import { saidIn } from './reference.ts';

/** Whose a subscription is in the application. */
export interface Owner {
  /** Undefined: nobody, or nobody knows. */
  readonly reference: string | undefined;
  /** Whether it says so itself, or a person of it. */
  readonly isSaid: boolean;
  readonly isNobodys: boolean;
}

/** The word of a person counts, then what it says itself, then as whom its customer is known. */
export async function ownerOf(
  trx: Knex.Transaction,
  { id, saidReference, metadata, customer }: KeptSubscription,
  policy: AccessPolicy,
): Promise<Owner> {
  const assigned = await assignmentOf(trx, `subscription:${id}`);
  if (assigned?.reference === null) return { reference: undefined, isSaid: false, isNobodys: true };
  const said = assigned?.reference ?? saidIn(saidReference, metadata, policy);
  const reference = said ?? (await referenceOfCustomer(trx, customer));
  return { reference, isSaid: said !== undefined, isNobodys: false };
}
