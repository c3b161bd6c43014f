import { bug, Refused } from '../../platform/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { recordAudit } from '../desk/audit-log.ts';
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
    } else {
      throw new Refused(`Nothing is given by ${cause}: a cause is hand:NUMBER or payment:pi_…`);
    }
  });
}

/**
 * A person says whose a purchase is; the first word holds.
 * @param reference null: nobody's
 * @returns whose it is now
 */
export async function assignPurchase(
  payment: string,
  reference: string | null,
  { actor, reason }: By,
  deps: AccessDeps,
): Promise<string | null> {
  return deps.db.transaction(async (trx) => {
    const now = await assign(trx, { cause: `payment:${payment}`, reference, reason, by: actor });
    await deps.changed(trx, { record: 'payment', id: payment, turned: 'paid' });
    return now.reference;
  });
}
