import { expect, test } from 'vitest';
import { settlePayment } from '../../src/billing/stripe-invoices/settle-payment.ts';
import { syncSubscription } from '../../src/billing/subscriptions/sync-subscription.ts';
import { rows } from '../../src/platform/db.ts';
import { featuresOf } from '../support/access.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { quittance } from '../support/command.ts';
import { policyFile } from '../support/policy-file.ts';
import { customerWithCard, plansAccess, plansOf } from '../support/subscriptions.ts';

/** Cancelling, resuming, pausing and unpausing from a shell, and what somebody was invoiced and has paid. */
const { deps, side, settings } = await billingUnderTest({
  BUSINESS_TIME_ZONE: 'Europe/Berlin',
  POLICY: policyFile({ access: plansAccess }),
});
const { db, stripe } = deps;
const plans = await plansOf(side);
const say = (...words: string[]) => quittance(['subscriptions', ...words], settings);
const reason = ['--reason', 'he asked for it'];

let people = 0;
async function subscribed() {
  const who = `user-${++people}`;
  const customer = await customerWithCard(side);
  const { id, latest_invoice } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: plans.pro.id }],
    metadata: { user_id: who },
  });
  await syncSubscription({ subscription: id }, deps);
  return { id, who, invoice: String(latest_invoice) };
}
const minute = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d CES?T`;

test('one is canceled with its period, resumed, and canceled now', async () => {
  const { id, who } = await subscribed();
  const atEnd = ['cancel', id, '--when', 'period_end', ...reason];
  expect((await say(...atEnd)).stdout).toMatch(new RegExp(`^${id}  It ends ${minute}, and gives until then`));
  expect((await say(...atEnd)).stdout).toMatch(/So it did before: nothing was to be done\.\n$/);
  expect((await say('resume', id, ...reason)).stdout).toBe(`${id}  It goes on.\n`);
  const json = await say('cancel', id, '--when', 'now', '--invoice-now', ...reason, '--json');
  expect(JSON.parse(json.stdout)).toEqual({ subscription: id, changed: true, done: { is: 'ended' } });
  expect(await featuresOf(deps, who)).toEqual({});
  const audit = await rows(db, 'SELECT actor, action, reason FROM audit_log WHERE subject = ? ORDER BY id', [id]);
  expect(audit).toMatchObject([
    { actor: expect.stringMatching(/^cli:/), action: 'subscription.cancel', reason: 'he asked for it' },
    { action: 'subscription.resume' },
    { action: 'subscription.cancel' },
  ]);
  expect(await say('resume', id, ...reason)).toMatchObject({ code: 1, stderr: expect.stringMatching(/for good/) });
});

test('its collection is paused through a day of the business, and unpaused; as a whole as well', async () => {
  const { id } = await subscribed();
  const paused = await say(
    'pause',
    id,
    '--what',
    'collection',
    '--invoices',
    'void',
    '--until',
    '2099-01-31',
    ...reason,
  );
  expect(paused.stdout).toBe(`${id}  Its invoices are not collected until 2099-02-01 00:00 CET.\n`);
  expect((await say('unpause', id, ...reason)).stdout).toBe(`${id}  It goes on.\n`);
  expect((await say('pause', id, '--what', 'subscription', ...reason)).stdout).toMatch(
    /It is paused: it gives nothing/,
  );
  expect((await say('resume', id, ...reason)).stdout).toBe(`${id}  It goes on.\n`);
});

test('the page of its customer is for handing on, and the audit log says for whom', async () => {
  const { id } = await subscribed();
  expect((await say('portal', id, ...reason)).stdout).toMatch(/^http\S+\n$/);
  const json = await say('portal', id, '--return-url', 'https://app.example/account', ...reason, '--json');
  expect(JSON.parse(json.stdout)).toEqual({ subscription: id, url: expect.stringMatching(/^http/) });
  const audit = await rows(db, `SELECT reason FROM audit_log WHERE subject = ? AND action = 'subscription.portal'`, [
    id,
  ]);
  expect(audit).toHaveLength(2);
});

test('what somebody was invoiced and has paid is listed', async () => {
  const { id, who, invoice } = await subscribed();
  const { payments } = await stripe.invoices.retrieve(invoice, { expand: ['payments'] });
  const payment = String(payments?.data[0]?.payment.payment_intent);
  await settlePayment({ account: '', paymentIntent: payment }, deps);
  expect((await say('invoices', who)).stdout).toMatch(new RegExp(`^${minute}  \\S+  paid  EUR 30\\.00  ${id}\\n$`));
  expect((await say('payments', who)).stdout).toMatch(
    new RegExp(`^${minute}  ${payment}  EUR 30\\.00  ${id}  \\S+\\n$`),
  );
  await rows(db, `UPDATE subscription_invoices SET status = 'open', amount_remaining = 700 WHERE id = ?`, [invoice]);
  expect((await say('invoices', who)).stdout).toMatch(/ open {2}EUR 30\.00, EUR 7\.00 to pay: http/);
  expect(JSON.parse((await say('invoices', who, '--json')).stdout)).toMatchObject([{ id: invoice, subscription: id }]);
  expect(JSON.parse((await say('payments', who, '--json')).stdout)).toMatchObject([{ id: payment, refunded: 0 }]);
  expect((await say('invoices', 'nobody')).stdout).toBe('There are no invoices of nobody.\n');
  expect((await say('payments', 'nobody')).stdout).toBe('There are no payments of nobody.\n');
});

test.each([
  [['cancel', 'sub_1', '--when', 'later', ...reason], /--when must be period_end or now/],
  [['cancel', 'sub_1', ...reason], /required option '--when/],
  [['cancel', 'sub_1', '--when', 'now'], /required option '--reason/],
  [['cancel', 'cus_1', '--when', 'now', ...reason], /cus_1 is no subscription/],
  [['cancel', 'sub_1', '--when', 'period_end', '--invoice-now', ...reason], /goes with --when now/],
  [['cancel', 'sub_none', '--when', 'now', ...reason], /There is no subscription sub_none/],
  [['pause', 'sub_1', '--what', 'all', ...reason], /--what must be collection or subscription/],
  [['pause', 'sub_1', '--what', 'collection', ...reason], /--invoices must be one of void, keep_as_draft/],
  [
    ['pause', 'sub_1', '--what', 'collection', '--invoices', 'void', '--until', 'x', ...reason],
    /--until must be a day like/,
  ],
  [['pause', 'sub_1', '--what', 'subscription', '--until', '2099-01-01', ...reason], /go with --what collection/],
  [['portal', 'sub_1', '--return-url', 'x', ...reason], /--return-url must be an address/],
  [['portal', 'sub_none', ...reason], /There is no subscription sub_none/],
  [['invoices', ' '], /REFERENCE must have 1 to 200/],
  [['payments', 'user-1', '--limit', '0'], /--limit must be a whole number from 1 to 1000/],
])('subscriptions %j is refused in a sentence', async (words, sentence) => {
  const { code, stderr } = await say(...words);
  expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)]);
});
