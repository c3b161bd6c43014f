import type { Db } from '../../platform/db.ts';
import type { SayChanged } from '../agreement/bring-into-agreement.ts';
import { type AccessPolicy, accessPolicyHash } from '../policy/access.ts';
import { subscriptionsOfOtherPolicy } from '../subscriptions/subscriptions.ts';
import { dueReferences } from './access-states.ts';
import { purchasesOfOtherPolicy } from './purchases.ts';

/** What changes without an event: a grant ends, or the policy is another one. Any number of processes may look for it. */
const AT_ONCE = 200;

/** @returns how many were looked at */
export async function agreeDueAccess(db: Db, changed: SayChanged): Promise<number> {
  const due = await dueReferences(db, AT_ONCE);
  for (const id of due) await db.transaction((trx) => changed(trx, { record: 'access', id }));
  return due.length;
}

/** @returns how many purchases and subscriptions were decided again */
export async function agreeOnPolicy(db: Db, policy: AccessPolicy, changed: SayChanged): Promise<number> {
  const hash = accessPolicyHash(policy);
  const purchases = await purchasesOfOtherPolicy(db, hash, AT_ONCE);
  for (const id of purchases) await db.transaction((trx) => changed(trx, { record: 'payment', id }));
  const subscriptions = await subscriptionsOfOtherPolicy(db, hash, AT_ONCE);
  for (const id of subscriptions) await db.transaction((trx) => changed(trx, { record: 'subscription', id }));
  return purchases.length + subscriptions.length;
}
