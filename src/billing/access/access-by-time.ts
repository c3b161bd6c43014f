import type { Db } from '../../platform/db.ts';
import type { SayChanged } from '../agreement/bring-into-agreement.ts';
import { type AccessPolicy, accessPolicyHash, givesAccess } from '../policy/access.ts';
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

/** @returns how many purchases were decided again */
export async function agreeOnPolicy(db: Db, policy: AccessPolicy, changed: SayChanged): Promise<number> {
  if (!givesAccess(policy)) return 0;
  const others = await purchasesOfOtherPolicy(db, accessPolicyHash(policy), AT_ONCE);
  for (const id of others) await db.transaction((trx) => changed(trx, { record: 'payment', id }));
  return others.length;
}
