import { beforeAll, describe, expect, test } from 'vitest';
import { agreeDueAccess, agreeOnPolicy } from '../../../src/billing/access/access-by-time.ts';
import { followPurchase } from '../../../src/billing/access/follow-purchase.ts';
import { endAccess, grantByHand } from '../../../src/billing/access/manage-access.ts';
import { adjustPayment } from '../../../src/billing/adjustments/adjust-payment.ts';
import { policyIsAtWork } from '../../../src/billing/agreement/agreements.ts';
import { retryMarks } from '../../../src/billing/agreement/bring-into-agreement.ts';
import { openDeps } from '../../../src/billing/open-deps.ts';
import { addEndpoint } from '../../../src/billing/outgoing/manage-endpoints.ts';
import { choicesFor, decideReview } from '../../../src/billing/questions.ts';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { firstRow, rows } from '../../../src/platform/db.ts';
import { buyCourses, coursesOf, featuresOf, toldOfAccess } from '../../support/access.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { policyFile } from '../../support/policy-file.ts';
import { payCheckout, payDirectly } from '../../support/purchases.ts';
import { dispute, moveDispute, moveRefund, refund } from '../../support/taken-back.ts';

/** Access that follows from one-off payments: given, taken back, asked about; and what is told of it. */
const { side, settings } = await billingUnderTest();
const { watercolour, oil, access } = await coursesOf(side);

function withPolicy(policy: object) {
  const opened = openDeps(loadConfig({ ...settings, POLICY: policyFile(policy) }), { name: 'test', connections: 20 });
  releaseAfterFile(() => opened.close());
  return opened;
}
const { deps, agreement } = withPolicy({ access });
const { db, stripe } = deps;
beforeAll(async () => {
  await addEndpoint(db, { url: 'https://school.example/hooks', types: [], allowPrivate: false }, 'test');
});

let people = 0;
const somebody = () => `user-${++people}`;
const ref = (paymentIntent: string) => ({ account: '', paymentIntent });
const by = { actor: 'admin:ada', reason: 'agreed' };
const mailsOf = async (payment: string) =>
  (
    await rows<{ kind: string }>(db, `SELECT kind FROM messages WHERE channel = 'mail' AND data->>'payment' = ?`, [
      payment,
    ])
  ).map(({ kind }) => kind);

async function bought(prices: Parameters<typeof buyCourses>[1], params: Parameters<typeof buyCourses>[2] = {}) {
  const payment = await buyCourses(side, prices, params);
  await settlePayment(ref(payment), deps);
  return payment;
}
async function question(payment: string) {
  return firstRow<{ id: number; kind: string; subject: string; summary: string; details: object; state: string }>(
    db,
    `SELECT id, kind, subject, summary, details, state FROM review_items WHERE subject = ? AND kind = 'access_without_reference'`,
    [payment],
  );
}

describe('a course that is paid', () => {
  test('is given, told and mailed, once, whatever comes again', async () => {
    const who = somebody();
    const payment = await bought([watercolour], { client_reference_id: who, customer_email: 'ada@example.com' });
    await settlePayment(ref(payment), deps);
    await adjustPayment(ref(payment), deps);
    await followPurchase(ref(payment), deps);
    expect(await featuresOf(deps, who)).toEqual({
      watercolour: { allowed: true, until: null, cause: `payment:${payment}`, grace_until: null, value: null },
    });
    expect(await toldOfAccess(db, who)).toEqual(['changed 1 watercolour', 'granted 1 watercolour']);
    expect(await mailsOf(payment)).toEqual(['access_granted']);
  });

  test('for a time is given from the payment on, beside what is given for ever', async () => {
    const who = somebody();
    const payment = await bought([watercolour, oil], { client_reference_id: who });
    const { paid_at: paidAt } = (await firstRow<{ paid_at: Date }>(
      db,
      'SELECT paid_at FROM purchases WHERE payment_intent = ?',
      [payment],
    )) ?? { paid_at: new Date(0) };
    const until = new Date(paidAt.getTime() + 30 * 86_400_000).toISOString();
    expect(await featuresOf(deps, who)).toMatchObject({
      oil: { until },
      'video-hours': { until, value: 20 },
      watercolour: { until: null },
    });
  });

  test('gives nothing that the policy does not name, and nobody is asked', async () => {
    const payment = await bought([]);
    expect(await question(payment)).toBeUndefined();
    expect(await firstRow(db, 'SELECT FROM access_grants WHERE cause = ?', [`payment:${payment}`])).toBeUndefined();
  });

  test('is given although its invoice waits for a person', async () => {
    const who = somebody();
    const asking = withPolicy({ access, eligibility: { rules: [], otherwise: 'review' } });
    const payment = await buyCourses(side, [watercolour], { client_reference_id: who });
    expect(await settlePayment(ref(payment), asking.deps)).toMatchObject({ outcome: 'review' });
    expect(Object.keys(await featuresOf(deps, who))).toEqual(['watercolour']);
  });

  test('without a policy of access leaves nothing, and is given by the backfill after there is one', async () => {
    const who = somebody();
    const plain = withPolicy({});
    const payment = await buyCourses(side, [watercolour], { client_reference_id: who });
    await settlePayment(ref(payment), plain.deps);
    expect(await firstRow(db, 'SELECT FROM purchases WHERE payment_intent = ?', [payment])).toBeUndefined();
    expect(await followPurchase(ref(payment), deps)).toMatchObject({ outcome: 'processed' });
    expect(Object.keys(await featuresOf(deps, who))).toEqual(['watercolour']);
  });
});

describe('what is taken back', () => {
  test('a part takes nothing; the rest takes it, and leaves what another purchase gave', async () => {
    const who = somebody();
    const first = await bought([watercolour], { client_reference_id: who });
    await bought([oil], { client_reference_id: who });
    await refund(side, first, { amount: 5_000 });
    await adjustPayment(ref(first), deps);
    expect(Object.keys(await featuresOf(deps, who)).sort()).toEqual(['oil', 'video-hours', 'watercolour']);
    await refund(side, first);
    await adjustPayment(ref(first), deps);
    expect(Object.keys(await featuresOf(deps, who)).sort()).toEqual(['oil', 'video-hours']);
    expect((await toldOfAccess(db, who)).slice(-2)).toEqual(['changed 3 oil,video-hours', 'revoked 3 watercolour']);
  });

  test('of two purchases of the same the other one still gives it', async () => {
    const who = somebody();
    const [first, second] = [
      await bought([watercolour], { client_reference_id: who }),
      await bought([watercolour], { client_reference_id: who }),
    ];
    await refund(side, first);
    await adjustPayment(ref(first), deps);
    expect(await featuresOf(deps, who)).toMatchObject({ watercolour: { cause: `payment:${second}` } });
  });

  test('a refund that fails gives it back, without a second mail', async () => {
    const who = somebody();
    const payment = await bought([watercolour], { client_reference_id: who, customer_email: 'b@example.com' });
    const back = await refund(side, payment);
    await adjustPayment(ref(payment), deps);
    expect(await featuresOf(deps, who)).toEqual({});
    await moveRefund(side, back, 'failed');
    await adjustPayment(ref(payment), deps);
    expect(Object.keys(await featuresOf(deps, who))).toEqual(['watercolour']);
    expect(await mailsOf(payment)).toEqual(['access_granted']);
  });

  test('a dispute takes it when it is lost, not before', async () => {
    const who = somebody();
    const payment = await bought([watercolour], { client_reference_id: who });
    const lost = await dispute(side, payment);
    await adjustPayment(ref(payment), deps);
    expect(Object.keys(await featuresOf(deps, who))).toEqual(['watercolour']);
    await moveDispute(side, lost, 'under_review', 'lost');
    await adjustPayment(ref(payment), deps);
    expect(await featuresOf(deps, who)).toEqual({});
  });

  test('a refund that overtakes its payment leaves nothing given in the end', async () => {
    const who = somebody();
    const payment = await buyCourses(side, [watercolour], { client_reference_id: who });
    await refund(side, payment);
    await adjustPayment(ref(payment), deps);
    await settlePayment(ref(payment), deps);
    expect(await featuresOf(deps, who)).toEqual({});
  });
});

describe('whose it is', () => {
  test('is told by metadata, and then known of the customer; what he bought before is his too', async () => {
    const who = somebody();
    const customer = await stripe.customers.create({ email: 'c@example.com' });
    const before = await bought([oil], { customer: customer.id });
    expect(await question(before)).toMatchObject({ state: 'open' });
    await bought([watercolour], { customer: customer.id, metadata: { user_id: who } });
    await rows(db, 'UPDATE agreement_marks SET next_try_at = now()');
    await retryMarks(db, agreement);
    expect(Object.keys(await featuresOf(deps, who)).sort()).toEqual(['oil', 'video-hours', 'watercolour']);
    expect(await question(before)).toMatchObject({ state: 'resolved' });
    const later = await payDirectly(side, { customer: customer.id, description: 'nothing of ours' });
    await settlePayment(ref(later), deps);
    expect(await question(later)).toBeUndefined();
  });

  test('is asked, in words without personal data, and mailed and given once it is answered', async () => {
    const who = somebody();
    const payment = await bought([watercolour], { customer_email: 'guest@example.com' });
    const asked = await question(payment);
    expect(asked).toMatchObject({
      summary: expect.stringContaining('EUR 149.00 bought Watercolour'),
      details: { payment_intent: payment, bought: 'Watercolour', amount: 14_900, currency: 'eur' },
    });
    expect(JSON.stringify(asked)).not.toContain('guest@');
    expect(await mailsOf(payment)).toEqual([]);
    expect(asked && choicesFor(asked).map(({ name, asks }) => [name, asks])).toEqual([
      ['give_to', 'Reference in the application'],
      ['give_to_nobody', undefined],
    ]);
    const id = asked?.id ?? 0;
    await expect(decideReview(id, { ...by, choice: 'give_to' }, deps)).rejects.toThrow('give_to needs: Reference');
    await expect(decideReview(id, { ...by, choice: 'give_to', given: 'x'.repeat(201) }, deps)).rejects.toThrow(
      '200 characters',
    );
    await decideReview(id, { ...by, choice: 'give_to', given: ` ${who} ` }, deps);
    expect(Object.keys(await featuresOf(deps, who))).toEqual(['watercolour']);
    expect(await question(payment)).toMatchObject({ state: 'resolved' });
    expect(await mailsOf(payment)).toEqual(['access_granted']);
    // What was decided holds, whatever is done again.
    await settlePayment(ref(payment), deps, { reconsider: true });
    await followPurchase(ref(payment), deps);
    expect(Object.keys(await featuresOf(deps, who))).toEqual(['watercolour']);
  });

  test('nobody’s, by a person: it is not asked again', async () => {
    const payment = await bought([watercolour]);
    const asked = await question(payment);
    await decideReview(asked?.id ?? 0, { ...by, choice: 'give_to_nobody' }, deps);
    await followPurchase(ref(payment), deps);
    expect(await question(payment)).toMatchObject({ id: asked?.id, state: 'resolved' });
    expect(await firstRow(db, 'SELECT FROM access_grants WHERE cause = ?', [`payment:${payment}`])).toBeUndefined();
  });

  test('is not asked any more when all of it was refunded', async () => {
    const payment = await bought([watercolour]);
    await refund(side, payment);
    await adjustPayment(ref(payment), deps);
    expect(await question(payment)).toMatchObject({ state: 'resolved' });
  });
});

describe('by hand', () => {
  test('something is given until a moment, and ended', async () => {
    const who = somebody();
    const until = new Date(Date.now() + 86_400_000);
    const cause = await grantByHand({ reference: who, feature: 'oil', until }, by, deps);
    expect(await featuresOf(deps, who)).toMatchObject({ oil: { until: until.toISOString(), cause } });
    await endAccess(cause, by, deps);
    await endAccess(cause, by, deps);
    expect(await featuresOf(deps, who)).toEqual({});
    expect(await toldOfAccess(db, who)).toEqual(['changed 1 oil', 'granted 1 oil', 'changed 2 -', 'revoked 2 oil']);
    expect(await rows(db, 'SELECT action, actor, reason FROM audit_log WHERE subject = ? ORDER BY id', [who])).toEqual([
      { action: 'access.grant', ...by },
      { action: 'access.end', ...by },
    ]);
  });

  test('an end that is over is refused', async () => {
    await expect(grantByHand({ reference: 'x', feature: 'oil', until: new Date(0) }, by, deps)).rejects.toThrow(
      'not in the future',
    );
  });

  test('what a payment gave is ended, and stays so', async () => {
    const who = somebody();
    const payment = await bought([watercolour], { client_reference_id: who });
    await endAccess(`payment:${payment}`, by, deps);
    await followPurchase(ref(payment), deps);
    expect(await featuresOf(deps, who)).toEqual({});
  });

  test.each(['hand:99999', 'hand:x', 'payment:pi_none', 'nothing', ''])(
    '%j gives nothing that could be ended',
    async (cause) => {
      await expect(endAccess(cause, by, deps)).rejects.toThrow(/^Nothing (is|was) given/);
    },
  );
});

describe('time alone', () => {
  test('ends a grant: told once, within a round, and never told as allowed in between', async () => {
    const who = somebody();
    await bought([oil], { client_reference_id: who });
    // As if it were later; nobody has noticed yet.
    const past = `now() - interval '1 second'`;
    await rows(db, `UPDATE access_grants SET until = ${past} WHERE reference = ?`, [who]);
    await rows(db, `UPDATE access_states SET changes_at = ${past} WHERE reference = ?`, [who]);
    expect(await featuresOf(deps, who)).toEqual({});
    await agreeDueAccess(db, deps.changed);
    await agreeDueAccess(db, deps.changed);
    expect((await toldOfAccess(db, who)).slice(-3)).toEqual(['changed 2 -', 'revoked 2 oil', 'revoked 2 video-hours']);
  });
});

describe('another policy', () => {
  test('decides again what was bought, and tells of it', async () => {
    const who = somebody();
    const payment = await bought([watercolour], { client_reference_id: who });
    const other = withPolicy({
      access: { purchases: [{ name: 'All', when: { product: watercolour.product }, features: { everything: true } }] },
    });
    await policyIsAtWork(db, agreement.policy);
    await policyIsAtWork(db, other.agreement.policy);
    for (
      let left = 50;
      left > 0 && (await agreeOnPolicy(db, other.deps.policy.access, other.deps.changed)) > 0;
      left--
    );
    expect(await featuresOf(deps, who)).toMatchObject({ everything: { cause: `payment:${payment}` } });
    expect((await toldOfAccess(db, who)).slice(-3)).toEqual([
      'changed 2 everything',
      'granted 2 everything',
      'revoked 2 watercolour',
    ]);
    // The older one leaves it to the newer.
    await agreeOnPolicy(db, deps.policy.access, deps.changed);
    expect(Object.keys(await featuresOf(deps, who))).toEqual(['everything']);
    await rows(db, 'TRUNCATE policies_at_work, agreement_marks');
    for (let left = 50; left > 0 && (await agreeOnPolicy(db, deps.policy.access, deps.changed)) > 0; left--);
  });
});

test('50 changes of one person side by side: versions strictly grow, and each is told once', async () => {
  const who = somebody();
  const features = Array.from({ length: 50 }, (_, number) => `f${String(number).padStart(2, '0')}`);
  const causes = await Promise.all(
    features.map((feature) => grantByHand({ reference: who, feature, until: null }, by, deps)),
  );
  expect(Object.keys(await featuresOf(deps, who))).toEqual(features);
  await Promise.all(causes.map((cause) => endAccess(cause, by, deps)));
  const told = await toldOfAccess(db, who);
  const changed = told.filter((said) => said.startsWith('changed')).map((said) => Number(said.split(' ')[1]));
  expect(changed).toEqual(Array.from({ length: 100 }, (_, number) => number + 1));
  expect(told.filter((said) => said.startsWith('granted'))).toHaveLength(50);
  expect(told.filter((said) => said.startsWith('revoked'))).toHaveLength(50);
});

test('a debit gives access when its money came, not when it was ordered', async () => {
  const who = somebody();
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    client_reference_id: who,
    line_items: [{ price: watercolour.id, quantity: 1 }],
    success_url: 'https://school.example/thanks',
  });
  const payment = await payCheckout(side, session.id, { choice: 'debit' });
  await settlePayment(ref(payment), deps);
  expect(await featuresOf(deps, who)).toEqual({});
  await side.control('POST', '/_sim/payments/settle', { payment_intent: payment, outcome: 'paid' });
  await settlePayment(ref(payment), deps).catch(() => undefined);
  expect(Object.keys(await featuresOf(deps, who))).toEqual(['watercolour']);
});
