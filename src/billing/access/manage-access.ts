import { bug, Refused } from '../../platform/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { recordAudit } from '../desk/audit-log.ts';
import { findSubscription } from '../subscriptions/subscriptions.ts';
import { assign, reassign } from './assignments.ts';
import { endByHand, findByHand, insertByHand } from './by-hand.ts';
import { findPurchase } from './purchases.ts';

/**
 * What people do about access: give it, take it away, say whose a purchase is. The console and the command line call these;
 * each leaves its audit row in its own transaction. An actor is e.g. `admin:demo` or `cli:root`.
 */
export interface By {
  readonly actor: string;
  readonly reason: string;
}

export interface GivenByHand {
  readonly reference: string;
  readonly feature: string;
  /** null: without an end. */
  readonly until: Date | null;
}

type AccessDeps = Pick<Deps, 'db' | 'changed'>;

/** @returns its cause */
export async function grantByHand(
  given: GivenByHand,
  { actor, reason }: By,
  deps: AccessDeps & Pick<Deps, 'clock'>,
): Promise<string> {
  const { reference, feature, until } = given;
  if (until !== null && until <= deps.clock())
    throw new Refused(`The end ${until.toISOString()} is not in the future.`);
  return deps.db.transaction(async (trx) => {
    const id = (await insertByHand(trx, { ...given, reason, by: actor })) ?? bug('nothing was given');
    await recordAudit(trx, { actor, action: 'access.grant', subject: reference, reason, details: { feature, until } });
    await deps.changed(trx, { record: 'access_by_hand', id: String(id), turned: 'granted' });
    return `hand:${id}`;
  });
}

/** All that a cause gives. @throws Refused when there is no such cause */
export async function endAccess(cause: string, { actor, reason }: By, deps: AccessDeps): Promise<void> {
  const [kind, id = ''] = cause.split(':');
  await deps.db.transaction(async (trx) => {
    const audit = { actor, action: 'access.end', reason, details: { cause } };
    if (kind === 'hand' && /^\d{1,15}$/.test(id)) {
      const row = await findByHand(trx, Number(id));
      if (!row) throw new Refused(`Nothing was given by hand as ${cause}.`);
      if (!(await endByHand(trx, { id: row.id, reason, by: actor }))) return;
      await recordAudit(trx, { ...audit, subject: row.reference });
      await deps.changed(trx, { record: 'access_by_hand', id, turned: 'ended' });
    } else if (kind === 'payment' && (await findPurchase(trx, id))) {
      await reassign(trx, { cause, reference: null, reason, by: actor });
      await recordAudit(trx, { ...audit, subject: id });
      await deps.changed(trx, { record: 'payment', id });
    } else if (kind === 'subscription' && (await findSubscription(trx, id))) {
      await reassign(trx, { cause, reference: null, reason, by: actor });
      await recordAudit(trx, { ...audit, subject: id });
      await deps.changed(trx, { record: 'subscription', id });
    } else {
      throw new Refused(`Nothing is given by ${cause}: a cause is hand:NUMBER, payment:pi_… or subscription:sub_…`);
    }
  });
}

/**
 * A person says whose a purchase or a subscription is; the first word holds.
 * @param subject pi_… or sub_…
 * @param reference null: nobody's
 * @returns whose it is now
 */
export async function assignOwner(
  subject: string,
  reference: string | null,
  { actor, reason }: By,
  deps: AccessDeps,
): Promise<string | null> {
  return deps.db.transaction(async (trx) => {
    const isSubscription = subject.startsWith('sub_');
    const cause = `${isSubscription ? 'subscription' : 'payment'}:${subject}`;
    const now = await assign(trx, { cause, reference, reason, by: actor });
    if (isSubscription) await deps.changed(trx, { record: 'subscription', id: subject });
    else await deps.changed(trx, { record: 'payment', id: subject, turned: 'paid' });
    return now.reference;
  });
}

/** By the policy as it is now. @param subscription sub_… */
export async function decideAnew(subscription: string, { db, changed }: AccessDeps): Promise<void> {
  await db.transaction((trx) => changed(trx, { record: 'subscription', id: subscription }));
}
