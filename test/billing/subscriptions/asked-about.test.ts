import { describe, expect, test } from 'vitest';
import { adjustPayment } from '../../../src/billing/adjustments/adjust-payment.ts';
import { decideReview } from '../../../src/billing/questions.ts';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { syncSubscription } from '../../../src/billing/subscriptions/sync-subscription.ts';
import { rows } from '../../../src/platform/db.ts';
import { fetchPaymentsOf } from '../../../src/stripe/subscriptions.ts';
import { featuresOf } from '../../support/access.ts';
import { questionAbout } from '../../support/asked-payments.ts';
import { askedSubscriptions } from '../../support/asked-subscriptions.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { until } from '../../support/eventually.ts';
import { policyFile } from '../../support/policy-file.ts';
import { customerWithCard, plansAccess, plansOf } from '../../support/subscriptions.ts';
import { moveRefund } from '../../support/taken-back.ts';

/** What is asked about subscriptions, when it is withdrawn, and what a decision does that comes late. */
const { deps, side } = await billingUnderTest({ POLICY: policyFile({ access: plansAccess }) });
const { db, stripe } = deps;
const plans = await plansOf(side);
const { subscribe, twice, paidAfterEnd } = askedSubscriptions(side, deps, plans);

const asked = (subject: string) => questionAbout(deps, subject);
const closing = async (subject: string) =>
  (
    await rows<{ closed_by: string | null; reason: string | null }>(
      db,
      'SELECT closed_by, reason FROM review_items WHERE subject = ? ORDER BY id',
      [subject],
    )
  ).at(-1);
const statusOf = async (id: string) => (await stripe.subscriptions.retrieve(id)).status;
const sync = (subscription: string) => syncSubscription({ subscription }, deps);
const decide = async (subject: string, choice: string) =>
  decideReview((await asked(subject))?.id ?? 0, { choice, actor: 'admin:ada', reason: 'agreed' }, deps);

describe('two subscriptions of one product', () => {
  test('are asked about, by the one that began later, and both give what is paid', async () => {
    const { subject, other, who } = await twice();
    const { product } = plans.pro;
    expect(await asked(subject)).toMatchObject({
      kind: 'second_subscription',
      details: { subscription: subject, other, product },
    });
    expect(await asked(other)).toBeUndefined();
    expect(Object.keys(await featuresOf(deps, who))).toContain('pro');
  });

  test('of two products are nobody’s concern', async () => {
    await subscribe('both');
    const { id } = await subscribe('both', plans.basic);
    expect(await asked(id)).toBeUndefined();
  });

  test('of two people are nobody’s concern, even of one customer at Stripe', async () => {
    const customer = await customerWithCard(side);
    const made = [];
    for (const user_id of ['one', 'other']) {
      const { id } = await stripe.subscriptions.create({
        customer: customer.id,
        items: [{ price: plans.pro.id }],
        metadata: { user_id },
      });
      await sync(id);
      made.push(id);
    }
    for (const id of made) expect(await asked(id)).toBeUndefined();
  });

  test('that begin to be billed in the same moment see each other', async () => {
    const product = await stripe.products.create({ name: 'Unnamed' });
    const recurring = { interval: 'month' as const };
    // No plan names it: what is given for it would make them wait for each other, too.
    const price = await stripe.prices.create({ product: product.id, currency: 'eur', unit_amount: 700, recurring });
    const [one, other] = [(await subscribe('racing', price)).id, (await subscribe('racing', price)).id];
    await stripe.subscriptions.update(one, { cancel_at_period_end: true });
    await sync(one);
    await stripe.subscriptions.update(other, { cancel_at_period_end: true });
    await sync(other);
    const resume = async (id: string, before: Promise<unknown>) =>
      db.transaction(async (trx) => {
        await rows(trx, 'UPDATE subscriptions SET cancel_at_period_end = false, cancel_at = NULL WHERE id = ?', [id]);
        await deps.changed(trx, { record: 'subscription', id });
        first.resolve();
        await before;
      });
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    const both = [resume(one, second.promise)];
    await first.promise;
    let isDone = false;
    both.push(resume(other, Promise.resolve()).finally(() => (isDone = true)));
    const waiting = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    await until(async () => isDone || (await rows(db, waiting)).length > 0);
    second.resolve();
    await Promise.all(both);
    const questions = `SELECT id FROM review_items WHERE kind = 'second_subscription' AND state = 'open' AND subject = ANY(?)`;
    expect(await rows(db, questions, [[one, other]])).toHaveLength(1);
  });

  test.each(['subject', 'other'] as const)('are asked about no more when the %s is canceled', async (which) => {
    const two = await twice();
    await stripe.subscriptions.cancel(two[which]);
    await sync(two[which]);
    expect(await asked(two.subject)).toBeUndefined();
    expect(await closing(two.subject)).toMatchObject({ closed_by: 'system' });
  });

  test('are asked about no more when one ends with its period, or is known to be somebody else’s', async () => {
    const ends = await twice();
    await stripe.subscriptions.update(ends.other, { cancel_at_period_end: true });
    await sync(ends.other);
    expect(await asked(ends.subject)).toBeUndefined();

    const his = await twice();
    await stripe.subscriptions.update(his.other, { metadata: { user_id: 'somebody else' } });
    await sync(his.other);
    expect(await asked(his.subject)).toBeUndefined();
  });

  test('both of which are wanted are not asked about again', async () => {
    const { subject, other } = await twice();
    await decide(subject, 'keep_both');
    for (const id of [subject, other]) await sync(id);
    expect(await asked(subject)).toBeUndefined();
    expect(await statusOf(subject)).toBe('active');
  });

  test('of which one has ended in the meantime lose no other to a decision that comes late', async () => {
    const { subject, other } = await twice();
    await stripe.subscriptions.cancel(other);
    expect(await decide(subject, 'cancel_later')).toContain('nothing is canceled');
    expect(await statusOf(subject)).toBe('active');
  });

  test('of three, the first may be canceled, and the third is still asked about', async () => {
    const { subject, other, who } = await twice();
    await side.control('POST', '/_sim/clock/advance', { seconds: 60 });
    const { id: third } = await subscribe(who);
    await decide(subject, 'cancel_earlier');
    expect(await statusOf(other)).toBe('canceled');
    expect(await asked(subject)).toBeUndefined();
    expect(await asked(third)).toMatchObject({ details: { other: subject } });
  });
});

describe('money for a subscription that has ended', () => {
  test('gives nothing, and is asked about', async () => {
    const { subject, subscription, who } = await paidAfterEnd();
    expect(await asked(subject)).toMatchObject({
      kind: 'payment_after_end',
      details: { invoice: subject, subscription, amount: 3_000, currency: 'eur' },
    });
    expect(await featuresOf(deps, who)).toEqual({});
    expect(await statusOf(subscription)).toBe('canceled');
  });

  test('is refunded once, whoever decides it how often', async () => {
    const { subject } = await paidAfterEnd();
    const item = await asked(subject);
    const by = { choice: 'refund_payment', actor: 'admin:ada', reason: 'he is owed it' };
    await Promise.all([1, 2].map(() => decideReview(item?.id ?? 0, by, deps)));
    const refunds = (await stripe.refunds.list({ payment_intent: await paymentOf(subject) })).data;
    expect(refunds).toMatchObject([{ amount: 3_000, reason: 'requested_by_customer' }]);
  });

  test('is asked about no more when it was refunded by hand, in full', async () => {
    const { subject } = await paidAfterEnd();
    const payment = await settled(subject);
    await stripe.refunds.create({ payment_intent: payment, amount: 1_000 });
    await adjust(payment);
    expect(await asked(subject)).toMatchObject({ state: 'open' });
    await stripe.refunds.create({ payment_intent: payment });
    await adjust(payment);
    expect(await asked(subject)).toBeUndefined();
    expect(await closing(subject)).toEqual({ closed_by: 'system', reason: 'the money has gone back' });
  });

  test('is asked about again when its refund has failed, until it is kept', async () => {
    const { subject, subscription } = await paidAfterEnd();
    const payment = await settled(subject);
    await decide(subject, 'refund_payment');
    await adjust(payment);
    expect(await asked(subject)).toBeUndefined();
    const [refund] = (await stripe.refunds.list({ payment_intent: payment })).data;
    await moveRefund(side, refund?.id ?? '', 'failed');
    await adjust(payment);
    expect(await asked(subject)).toMatchObject({ summary: expect.stringContaining('did not reach the customer') });
    await decide(subject, 'keep_payment');
    await adjust(payment);
    await sync(subscription);
    expect(await asked(subject)).toBeUndefined();
  });

  test('that was paid elsewhere can’t be refunded here, and stays asked about', async () => {
    const { subject } = await paidAfterEnd({ paid_out_of_band: true });
    await expect(decide(subject, 'refund_payment')).rejects.toThrow('was paid elsewhere');
    expect(await asked(subject)).toMatchObject({ state: 'open', claimed_choice: null });
  });

  const paymentOf = async (invoice: string) => (await fetchPaymentsOf(stripe, invoice))[0] ?? '';
  const adjust = (paymentIntent: string) => adjustPayment({ account: '', paymentIntent }, deps);
  async function settled(invoice: string): Promise<string> {
    const paymentIntent = await paymentOf(invoice);
    await settlePayment({ account: '', paymentIntent }, deps);
    return paymentIntent;
  }
});
