import type { Knex } from 'knex';
import { firstRow } from '../../platform/db.ts';
import { bug } from '../../platform/errors.ts';
import { agreeing } from '../agreement/agreements.ts';
import type { Circumstances } from '../agreement/dependent.ts';
import { type AccessState, stateOf } from './access-state.ts';
import { toldFeatures, writeState } from './access-states.ts';
import { standingGrants } from './grants.ts';
import { tellOfAccess } from './tell-access.ts';

/** Decides what somebody may use from all that he was given, and tells of it when it is another than before. */
/** @param isToTell the state as it is, too, if that was not told before */
export async function agreeAccessOf(
  trx: Knex.Transaction,
  reference: string,
  { policy, tell }: Circumstances,
  isToTell = false,
): Promise<void> {
  let now = new Date(0);
  let state: AccessState | undefined;
  const derived = { dependent: 'access', subject: reference };
  const { version, isNew } = await agreeing(trx, derived, policy, async () => {
    now = await nowAt(trx);
    state = stateOf(await standingGrants(trx, reference), now);
    return state.features;
  });
  if (!state) return bug(`access of ${reference} was not decided`);
  const before = await toldFeatures(trx, reference);
  await writeState(trx, reference, version, state);
  if (isNew || isToTell) await tellOfAccess(tell, { reference, version, before, now, state });
}

/** Postgres's clock: that of every other process, too. */
async function nowAt(trx: Knex.Transaction): Promise<Date> {
  const row = await firstRow<{ now: Date }>(trx, 'SELECT clock_timestamp() AS now');
  return row?.now ?? bug('Postgres does not tell the time');
}
