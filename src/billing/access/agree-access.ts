import type { Knex } from 'knex';
import { formatMoney } from '../../platform/money.ts';
import type { Circumstances } from '../agreement/dependent.ts';
import type { Changed } from '../agreement/records.ts';
import { askPerson, withdrawQuestion } from '../desk/review-items.ts';
import { accessPolicyHash } from '../policy/access.ts';
import { frozenTimeOf } from '../subscriptions/test-clocks.ts';
import { agreeAccessOf } from './agree-reference.ts';
import { assignmentOf } from './assignments.ts';
import { findByHand } from './by-hand.ts';
import { referenceOfCustomer } from './customers.ts';
import { writeGrants } from './grants.ts';
import { learnCustomer } from './learn-customer.ts';
import type { Purchase } from './purchase.ts';
import { accessOfPurchase, type PurchaseAccess } from './purchase-access.ts';
import { lockPurchase, noteAgreedBy, takenBackOf } from './purchases.ts';

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
      ? { ...decided, frozenAt: await frozenTimeOf(trx, purchase.testClock) }
      : { because: decided.gives === 'nothing' ? decided.because : 'it is asked whose it is' },
  );
  for (const reference of touched) await agreeAccessOf(trx, reference, circumstances);
  if (decided.gives === 'access' && decided.isSaid) {
    await learnCustomer(trx, { customer: purchase.customer, reference: decided.reference, by: cause });
  }
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
    : { reference, frozenAt: null, grants: [{ feature, value, until, graceUntil: null, bridgedUntil: null }] };
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
