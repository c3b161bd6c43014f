import { describe, expect, test } from 'vitest';
import { syncSubscription } from '../../src/billing/subscriptions/sync-subscription.ts';
import { firstRow, rows } from '../../src/platform/db.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { quittance } from '../support/command.ts';
import { policyFile } from '../support/policy-file.ts';
import { storedEvent } from '../support/stored-events.ts';
import { customerWithCard, plansAccess, plansOf } from '../support/subscriptions.ts';

/** Subscriptions, from a shell. */
const { deps, side, settings } = await billingUnderTest({
  BUSINESS_TIME_ZONE: 'Europe/Berlin',
  POLICY: policyFile({ access: plansAccess }),
});
const { db, stripe } = deps;
const plans = await plansOf(side);
const subscriptions = (...words: string[]) => quittance(['subscriptions', ...words], settings);

async function bought(who: string, email: string): Promise<string> {
  const customer = await customerWithCard(side, { email });
  const items = [{ price: plans.pro.id }, { price: plans.seats.id, quantity: 3 }];
  return (await stripe.subscriptions.create({ customer: customer.id, items, metadata: { user_id: who } })).id;
}
async function subscribed(who: string, email: string): Promise<string> {
  const id = await bought(who, email);
  await syncSubscription({ subscription: id }, deps);
  return id;
}
const minute = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d CES?T`;

test('one is shown with what it is over, gives, was paid for it, and what Stripe told', async () => {
  const id = await subscribed('user-1', 'ada@example.com');
  await storedEvent(db, 'evt_1', { type: 'customer.subscription.created', object: id, outcome: 'processed' });
  const { code, stdout } = await subscriptions('show', id);
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(new RegExp(`^${id}  active  user-1  cus_\\w+  ada@example\\.com$`));
  expect(lines.slice(1)).toEqual([
    expect.stringMatching(new RegExp(`^  Item     1 × Pro  EUR 30\\.00 a month  ${minute} – ${minute}$`)),
    expect.stringMatching(/^ {2}Item {5}3 × Seats {2}EUR 5\.00 a month /),
    expect.stringMatching(new RegExp(`^  Access   basic  user-1  until ${minute}, kept until ${minute}$`)),
    expect.stringMatching(/^ {2}Access {3}pro {2}user-1 {2}until /),
    expect.stringMatching(/^ {2}Access {3}seats \(3\) {2}user-1 {2}until /),
    expect.stringMatching(/^ {2}Invoice {2}\S+ {2}paid {2}EUR 45\.00 {2}1 try$/),
    expect.stringMatching(/^ {2}Event {4}.* {2}evt_1 {2}customer\.subscription\.created {2}processed {2}$/),
    expect.stringMatching(new RegExp(`^  Stripe was asked ${minute}$`)),
  ]);
  const json: unknown = JSON.parse((await subscriptions('show', id, '--json')).stdout);
  expect(json).toMatchObject({
    subscription: { id, status: 'active', items: [{ price: { lookupKey: 'pro_monthly' } }, { quantity: 3 }] },
    standing: { status: 'active', why: null, endsAt: null },
    reference: 'user-1',
    invoices: [{ total: 4_500, lines: [{}, {}] }],
    grants: [{ feature: 'basic' }, { feature: 'pro' }, { feature: 'seats', value: 3 }],
    cases: [],
    events: [{ id: 'evt_1' }],
  });
});

describe('the list', () => {
  test('tells how each stands, newest first, and when it ends', async () => {
    const first = await subscribed('user-2', 'lena@example.com');
    const second = await subscribed('user-3', 'lena@example.com');
    await stripe.subscriptions.update(first, { cancel_at_period_end: true });
    await syncSubscription({ subscription: first }, deps);
    await rows(db, `UPDATE subscriptions SET created = created - interval '1 day' WHERE id = ?`, [first]);
    const { stdout } = await subscriptions('list', '--search', 'lena@');
    expect(stdout.trimEnd().split('\n')).toEqual([
      `${second}  active  Pro, Seats  user-3  lena@example.com`,
      expect.stringMatching(new RegExp(`^${first}  active, ends ${minute}  Pro, Seats  user-2  lena@example\\.com$`)),
    ]);
    expect((await subscriptions('list', '--search', 'lena@', '--limit', '1')).stdout).toContain(second);
    expect((await subscriptions('list', '--search', 'lena@', '--limit', '1')).stdout).not.toContain(first);
    const json: unknown = JSON.parse((await subscriptions('list', '--search', 'user-2', '--json')).stdout);
    expect(json).toMatchObject([{ id: first, reference: 'user-2', standing: { status: 'active', why: 'ends' } }]);
  });

  test('takes those of a standing alone', async () => {
    const id = await subscribed('user-4', 'mia@example.com');
    await rows(db, `UPDATE subscriptions SET status = 'unpaid' WHERE id = ?`, [id]);
    expect((await subscriptions('list', '--status', 'past_due')).stdout).toBe(
      `${id}  past due: Stripe tries no more to collect  Pro, Seats  user-4  mia@example.com\n`,
    );
    expect((await subscriptions('list', '--status', 'trialing')).stdout).toBe('There are no such subscriptions.\n');
    expect((await subscriptions('list', '--status', 'trialing', '--json')).stdout).toBe('[]\n');
  });
});

describe('sync', () => {
  test('brings one that nobody told us of, and says why in the audit log', async () => {
    const id = await bought('user-5', 'noa@example.com');
    const { code, stderr } = await subscriptions('show', id);
    expect([code, stderr]).toEqual([1, `Nothing is known of ${id}. Ask Stripe: quittance subscriptions sync ${id}\n`]);
    expect(await subscriptions('sync', id, '--reason', 'its webhook was off')).toMatchObject({
      code: 0,
      stdout: `${id}  processed: the subscription is active\n`,
    });
    expect((await subscriptions('show', id)).stdout).toContain('user-5');
    expect(await firstRow(db, 'SELECT action, reason FROM audit_log WHERE subject = ?', [id])).toEqual({
      action: 'subscription.look_again',
      reason: 'its webhook was off',
    });
  });

  test('fails for one that Stripe does not have', async () => {
    expect(await subscriptions('sync', 'sub_none', '--reason', 'x')).toMatchObject({
      code: 1,
      stdout: 'sub_none  ignored: sub_none is not at Stripe any more\n',
    });
  });
});

test.each([
  [['list', '--status', 'unpaid'], /--status must be one of active, trialing/],
  [['list', '--limit', '0'], /--limit must be a whole number from 1 to 1000/],
  [['list', '--limit', '1001'], /--limit must be a whole number from 1 to 1000/],
  [['show', 'sub_sched_1'], /sub_sched_1 is no subscription \(sub_…\)/],
  [['show', 'cus_1'], /cus_1 is no subscription/],
  [['sync', 'cus_1', '--reason', 'x'], /cus_1 is no subscription/],
  [['sync', 'sub_1'], /required option '--reason/],
  [['sync', 'sub_1', '--reason', ' '], /--reason must say why/],
])('subscriptions %j is refused in a sentence', async (words, sentence) => {
  const { code, stderr } = await subscriptions(...words);
  expect(code).toBe(1);
  expect(stderr).toMatch(sentence);
});
