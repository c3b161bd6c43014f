import { expect, test } from 'vitest';
import { lookAgain } from '../../../src/billing/subscriptions/look-again.ts';
import { findSubscription } from '../../../src/billing/subscriptions/subscriptions.ts';
import { rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { customerWithCard, plansOf } from '../../support/subscriptions.ts';

/** A person has Stripe asked about a subscription. */
const { deps, side } = await billingUnderTest();
const { db, stripe } = deps;
const plans = await plansOf(side);
const by = { actor: 'admin:olga', reason: 'its webhook was off' };

const audited = (subject: string) =>
  rows<{ action: string; actor: string; reason: string | null; details: unknown }>(
    db,
    'SELECT action, actor, reason, details FROM audit_log WHERE subject = ? ORDER BY id',
    [subject],
  );

async function subscribed(): Promise<string> {
  const customer = await customerWithCard(side);
  return (await stripe.subscriptions.create({ customer: customer.id, items: [{ price: plans.pro.id }] })).id;
}

test('one that nobody told us of is kept, and the audit row says by whom, why and what came of it', async () => {
  const id = await subscribed();
  expect(await lookAgain({ subscription: id }, deps, by)).toMatchObject({ outcome: 'processed' });
  expect(await findSubscription(db, id)).toMatchObject({ status: 'active' });
  expect(await audited(id)).toEqual([
    { action: 'subscription.look_again', ...by, details: { result: 'the subscription is active' } },
  ]);
});

test('what has changed at Stripe since is seen, each time', async () => {
  const id = await subscribed();
  await lookAgain({ subscription: id }, deps, by);
  await stripe.subscriptions.cancel(id);
  await lookAgain({ subscription: id }, deps, by);
  expect(await findSubscription(db, id)).toMatchObject({ status: 'canceled' });
  expect((await audited(id)).map(({ details }) => details)).toEqual([
    { result: 'the subscription is active' },
    { result: 'the subscription is canceled' },
  ]);
});

test('one that Stripe does not have changes nothing, and that it was asked for stays', async () => {
  expect(await lookAgain({ subscription: 'sub_none' }, deps, by)).toMatchObject({ outcome: 'ignored' });
  expect(await audited('sub_none')).toMatchObject([{ details: { result: 'sub_none is not at Stripe any more' } }]);
});

test.each(['sub_sched_1', 'cus_1', 'sub_', 'sub_1/cancel'])(
  '%s is no subscription, and Stripe is not asked',
  async (id) => {
    const before = (await side.requests()).length;
    await expect(lookAgain({ subscription: id }, deps, by)).rejects.toThrow(`${id} is no subscription (sub_…).`);
    expect((await side.requests()).length).toBe(before);
    expect(await audited(id)).toEqual([]);
  },
);
