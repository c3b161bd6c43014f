import type { Knex } from 'knex';
import { firstRow } from '../../platform/db.ts';
import { bug } from '../../platform/errors.ts';
import { formatMoney } from '../../platform/money.ts';
import { agreeing } from '../agreement/agreements.ts';
import type { Circumstances } from '../agreement/dependent.ts';
import { leaveMark } from '../agreement/marks.ts';
import type { Changed } from '../agreement/records.ts';
import { askPerson, withdrawQuestion } from '../desk/review-items.ts';
import { accessPolicyHash } from '../policy/access.ts';
import { type AccessState, stateOf } from './access-state.ts';
import { toldFeatures, writeState } from './access-states.ts';
import { assignmentOf } from './assignments.ts';
import { findByHand } from './by-hand.ts';
import { mapCustomer, referenceOfCustomer } from './customers.ts';
import { standingGrants, writeGrants } from './grants.ts';
import type { Purchase } from './purchase.ts';
import { accessOfPurchase, type PurchaseAccess } from './purchase-access.ts';
import { lockPurchase, noteAgreedBy, ownerlessPurchases, takenBackOf } from './purchases.ts';
import { tellOfAccess } from './tell-access.ts';

/**
 * Brings access into agreement with its causes. Each cause locks its own row, writes what it gives, and then everybody whom
 * that touches is decided anew, one change after the other (`agreeing`).
 */
export async function agreeAccessOfPayment(
  trx: Knex.Transaction,
  { id }: Changed<'payment'>,
  circumstances: Circumstances,
): Promise<void> {
  const { access } = circumstances.rules;
  const purchase = await lockPurchase(trx, id);
  if (!purchase) return;
  const cause = `payment:${id}`;
  const known = {
    ...(await takenBackOf(trx, id)),
    assigned: await assignmentOf(trx, cause),
    mapped: purchase.customer === null ? undefined : await referenceOfCustomer(trx, purchase.customer),
  };
  const decided = accessOfPurchase(purchase, known, access);
  await askOrWithdraw(trx, purchase, decided);
  const touched = await writeGrants(
    trx,
    cause,
    decided.gives === 'access'
      ? decided
      : { because: decided.gives === 'nothing' ? decided.because : 'it is asked whose it is' },
  );
  for (const reference of touched) await agreeAccessOf(trx, reference, circumstances);
  if (decided.gives === 'access' && decided.isSaid) await learnCustomer(trx, purchase, decided.reference);
  await noteAgreedBy(trx, id, accessPolicyHash(access));
}

async function askOrWithdraw(
  trx: Knex.Transaction,
  { paymentIntent, amount, currency }: Purchase,
  decided: PurchaseAccess,
): Promise<void> {
  const kind = 'access_without_reference';
  if (decided.gives !== 'question') {
    const why = decided.gives === 'access' ? 'it is known whose it is' : decided.because;
    await withdrawQuestion(trx, { kind, subject: paymentIntent }, why);
    return;
  }
  const bought = decided.bought.join(', ');
  await askPerson(trx, {
    kind,
    subject: paymentIntent,
    summary: `Payment ${paymentIntent} of ${formatMoney({ amount, currency })} bought ${bought}, and nothing tells for whom: Stripe has no reference of the application with it. Nobody was given access yet.`,
    details: { payment_intent: paymentIntent, bought, amount, currency },
  });
}

/** What he has bought before, without saying who he is, is his too. */
async function learnCustomer(trx: Knex.Transaction, { customer, paymentIntent }: Purchase, reference: string) {
  if (customer === null) return;
  if (!(await mapCustomer(trx, { customer, reference, by: `payment:${paymentIntent}` }))) return;
  for (const id of await ownerlessPurchases(trx, customer)) {
    await leaveMark(trx, { record: 'payment', id }, 'access', 'it is known now who the customer is');
  }
}

export async function agreeAccessByHand(
  trx: Knex.Transaction,
  { id }: Changed<'access_by_hand'>,
  circumstances: Circumstances,
): Promise<void> {
  const row = await findByHand(trx, Number(id));
  if (!row) return;
  const { reference, feature, value, until, ended_at: ended, end_reason: why } = row;
  const given = ended
    ? { because: why ?? 'it was ended by hand' }
    : { reference, grants: [{ feature, value, until, graceUntil: null, bridgedUntil: null }] };
  for (const touched of await writeGrants(trx, `hand:${id}`, given)) await agreeAccessOf(trx, touched, circumstances);
}

/** Time alone may have changed it. */
export async function agreeAccessAgain(
  trx: Knex.Transaction,
  { id, turned }: Changed<'access'>,
  circumstances: Circumstances,
): Promise<void> {
  await agreeAccessOf(trx, id, circumstances, turned !== undefined);
}

/** @param isToTell the state as it is, too, if that was not told before */
async function agreeAccessOf(
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
  if (isNew || isToTell) await tellOfAccess(tell, { reference, version, before, now, features: state.features });
}

/** Postgres's clock: that of every other process, too. */
async function nowAt(trx: Knex.Transaction): Promise<Date> {
  const row = await firstRow<{ now: Date }>(trx, 'SELECT clock_timestamp() AS now');
  return row?.now ?? bug('Postgres does not tell the time');
}
