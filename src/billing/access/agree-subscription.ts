import type { Knex } from 'knex';
import type { Circumstances } from '../agreement/dependent.ts';
import type { Changed } from '../agreement/records.ts';
import { askPersonOnce, withdrawQuestion } from '../desk/review-items.ts';
import { type AccessPolicy, accessPolicyHash } from '../policy/access.ts';
import { invoicesOf, takenBackInvoices } from '../subscriptions/invoices.ts';
import { planOf } from '../subscriptions/plan-of.ts';
import { findPrices } from '../subscriptions/prices.ts';
import { findSubscription, type KeptSubscription, noteAgreedBy } from '../subscriptions/subscriptions.ts';
import { frozenTimeOf } from '../subscriptions/test-clocks.ts';
import { agreeAccessOf } from './agree-reference.ts';
import type { Grant } from './grant.ts';
import { writeGrants } from './grants.ts';
import { learnCustomer } from './learn-customer.ts';
import { grantsOfSubscription, isLive } from './subscription-access.ts';
import { type Owner, ownerOf } from './subscription-owner.ts';

/** Brings what a subscription gives into agreement with its rows, its invoices and the policy. It touches its own grants alone. */
export async function agreeAccessOfSubscription(
  trx: Knex.Transaction,
  { id }: Changed<'subscription'>,
  circumstances: Circumstances,
): Promise<void> {
  const { access } = circumstances.rules;
  const subscription = await findSubscription(trx, id, true);
  if (!subscription) return;
  const cause = `subscription:${id}`;
  const owner = await ownerOf(trx, subscription, access);
  const grants = await grantsNow(trx, subscription, access);
  await askOrWithdraw(trx, subscription, owner, grants.length > 0, access);
  const given =
    owner.reference !== undefined && grants.length > 0
      ? { reference: owner.reference, grants, frozenAt: await frozenTimeOf(trx, subscription.testClock) }
      : { because: whyNothing(subscription, owner) };
  for (const reference of await writeGrants(trx, cause, given)) await agreeAccessOf(trx, reference, circumstances);
  if (owner.reference !== undefined && owner.isSaid) {
    await learnCustomer(trx, { customer: subscription.customer, reference: owner.reference, by: cause });
  }
  await noteAgreedBy(trx, id, accessPolicyHash(access));
}

async function grantsNow(
  trx: Knex.Transaction,
  subscription: KeptSubscription,
  policy: AccessPolicy,
): Promise<Grant[]> {
  const { full_refund: fullRefund, lost_dispute: lostDispute } = policy.ends_after;
  const invoices = await invoicesOf(trx, subscription.id);
  const named = invoices.flatMap(({ lines }) => lines.flatMap(({ price }) => price ?? []));
  const prices = await findPrices(trx, [...new Set(named)]);
  const takenBack = await takenBackInvoices(trx, subscription.id, { fullRefund, lostDispute });
  return grantsOfSubscription({ subscription, invoices, prices, takenBack }, policy);
}

function whyNothing({ status }: KeptSubscription, { isNobodys, reference }: Owner): string {
  if (isNobodys) return 'a person decided that it is nobody’s';
  if (reference === undefined) return 'it is asked whose it is';
  return `the subscription is ${status}, or nothing of it is paid`;
}

/** What nothing tells is asked of a person, as far as something is given for it. */
async function askOrWithdraw(
  trx: Knex.Transaction,
  subscription: KeptSubscription,
  { reference, isNobodys }: Owner,
  isGiven: boolean,
  policy: AccessPolicy,
): Promise<void> {
  const { id: subject, items } = subscription;
  const plans = items.flatMap(({ price }) => planOf(price, policy)?.name ?? []);
  const kind = 'subscription_without_reference';
  if (reference === undefined && !isNobodys && isGiven) {
    const bought = [...new Set(plans)].join(', ');
    await askPersonOnce(trx, {
      kind,
      subject,
      summary: `Subscription ${subject} is paid for ${bought}, and nothing tells for whom: Stripe has no reference of the application with it. Nobody was given access yet.`,
      details: { subscription: subject, bought },
    });
  } else {
    await withdrawQuestion(trx, { kind, subject }, 'it is known whose it is, or it gives nothing');
  }

  const unnamed = items.find(({ price }) => !planOf(price, policy))?.price;
  const asksForPlans = Object.keys(policy.plans).length > 0 && isLive(subscription);
  if (unnamed && asksForPlans) {
    await askPersonOnce(trx, {
      kind: 'price_without_plan',
      subject,
      summary: `Subscription ${subject} has an item at price ${unnamed.id}${unnamed.lookupKey ? ` (${unnamed.lookupKey})` : ''}, which no plan of the policy names. Nothing is given for it.`,
      details: { subscription: subject, price: unnamed.id, product: unnamed.product },
    });
  } else {
    await withdrawQuestion(trx, { kind: 'price_without_plan', subject }, 'each price has its plan, or it has ended');
  }
}
