import '../subscriptions/questions.ts';
import type { Knex } from 'knex';
import { rows } from '../../platform/db.ts';
import type { Circumstances } from '../agreement/dependent.ts';
import { leaveMark } from '../agreement/marks.ts';
import type { Changed } from '../agreement/records.ts';
import { askPersonOnce, withdrawQuestion } from '../desk/review-items.ts';
import type { AccessPolicy } from '../policy/access.ts';
import { type SecondSubscription, secondSubscriptions } from '../subscriptions/second-subscription.ts';
import { findSubscription, type KeptSubscription } from '../subscriptions/subscriptions.ts';
import { subscriptionsAskedWith, subscriptionsAtHand } from './reference-subscriptions.ts';
import { ownerOf } from './subscription-owner.ts';

/** Any number, but its own: whoever compares the subscriptions of a reference does so after the other. */
const COMPARING = 8_027_002;

/** Somebody who pays for one product twice is told by nobody: a person is asked. Who has no plans is asked nothing. */
export async function agreeSecondSubscription(
  trx: Knex.Transaction,
  { id }: Changed<'subscription'>,
  { rules: { access } }: Circumstances,
): Promise<void> {
  if (Object.keys(access.plans).length === 0) return;
  const changed = await findSubscription(trx, id, true);
  if (!changed) return;
  const { reference } = await ownerOf(trx, changed, access);
  const his = reference === undefined ? [changed] : await subscriptionsOf(trx, reference, changed, access);
  const seconds = secondSubscriptions(his);
  for (const second of seconds) await ask(trx, second);
  await withdrawOthers(trx, his, seconds);
}

/** Two that change side by side must see each other: the lock is kept until the transaction ends. */
async function subscriptionsOf(
  trx: Knex.Transaction,
  reference: string,
  changed: KeptSubscription,
  access: AccessPolicy,
): Promise<KeptSubscription[]> {
  await rows(trx, 'SELECT FROM pg_advisory_xact_lock(:comparing, hashtext(:reference))', {
    comparing: COMPARING,
    reference,
  });
  const his = [changed];
  for (const id of await subscriptionsAtHand(trx, reference)) {
    const other = id === changed.id ? undefined : await findSubscription(trx, id);
    if (other && (await ownerOf(trx, other, access)).reference === reference) his.push(other);
  }
  return his;
}

async function ask(trx: Knex.Transaction, { subscription, other, product }: SecondSubscription): Promise<void> {
  await askPersonOnce(trx, {
    kind: 'second_subscription',
    subject: subscription,
    summary: `Subscriptions ${other} and ${subscription} are over the same product ${product} for the same person, and Stripe bills both. ${subscription} began later.`,
    details: { subscription, other, product },
  });
}

/** What was asked with one that is somebody else's now is looked at again with his own. */
async function withdrawOthers(
  trx: Knex.Transaction,
  his: readonly KeptSubscription[],
  seconds: readonly SecondSubscription[],
): Promise<void> {
  const ids = his.map(({ id }) => id);
  const asked = await subscriptionsAskedWith(trx, ids);
  for (const subject of asked) {
    if (seconds.some(({ subscription }) => subscription === subject)) continue;
    await withdrawQuestion(trx, { kind: 'second_subscription', subject }, 'only one of them is billed any more');
    if (ids.includes(subject)) continue;
    await leaveMark(
      trx,
      { record: 'subscription', id: subject },
      'second_subscription',
      'the other is somebody else’s',
    );
  }
}
