import { expect, test } from 'vitest';
import { rows } from '../../src/platform/db.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { changesOf, DAY } from '../support/changes.ts';
import { quittance } from '../support/command.ts';
import { policyFile } from '../support/policy-file.ts';
import { plansAccess, plansOf } from '../support/subscriptions.ts';

/** Changing a subscription from a shell: what is due is shown first, and must be said. */
const billing = await billingUnderTest({ POLICY: policyFile({ access: plansAccess }) });
const { deps, side, settings } = billing;
const plans = await plansOf(side);
const { begun, invoices, pass, useCard } = changesOf(billing);
const change = (...words: string[]) => quittance(['subscriptions', 'change', ...words], settings);
const priceOf = async (id: string) => (await side.stripe.subscriptions.retrieve(id)).items.data[0]?.price.id;

async function basic() {
  const made = await begun([{ price: plans.basic.id }]);
  await pass(DAY);
  return made;
}

test('a preview shows the three numbers and the lines, and changes nothing', async () => {
  const { id, customer } = await basic();
  await side.stripe.customers.createBalanceTransaction(customer, { amount: -500, currency: 'eur' });
  const { code, stdout } = await change(id, '--plan', 'pro', '--preview');
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n')).toEqual([
    `  1 × basic (${plans.basic.id}) → 1 × pro (${plans.pro.id})`,
    expect.stringMatching(/^ {2}EUR -\d+\.\d\d {2}Unused time on Basic/),
    expect.stringMatching(/^ {2}EUR \d+\.\d\d {2}Remaining time on Pro/),
    expect.stringMatching(/^Due now: EUR \d+\.\d\d$/),
    expect.stringMatching(/^Total: EUR \d+\.\d\d$/),
    'Of that the customer’s balance pays: EUR 5.00',
    'It takes effect when what is due is paid.',
  ]);
  expect(await invoices(id)).toHaveLength(1);
  const json: unknown = JSON.parse((await change(id, '--plan', 'pro', '--preview', '--json')).stdout);
  expect(json).toMatchObject({ preview: true, balance_used: 500, changes: [{ after: { plan: 'pro' } }] });
});

test('it is changed when what is due is said, and not otherwise; the audit log has it', async () => {
  const { id } = await basic();
  const due = /Due now: (EUR \S+)/.exec((await change(id, '--plan', 'pro', '--preview')).stdout)?.[1] ?? '';
  const wrong = await change(id, '--plan', 'pro', '--confirm', '1.00');
  expect([wrong.code, wrong.stdout]).toEqual([
    1,
    expect.stringContaining(`${due} is due, not 1.00. Nothing was changed.`),
  ]);
  expect((await change(id, '--plan', 'pro')).code).toBe(1);
  expect(await priceOf(id)).toBe(plans.basic.id);

  const right = await change(id, '--plan', 'pro', '--confirm', due, '--reason', 'he has called');
  expect([right.code, right.stdout]).toEqual([0, expect.stringContaining(`${id} is changed; ${due} was charged.`)]);
  expect(await priceOf(id)).toBe(plans.pro.id);
  const [audit] = await rows(deps.db, 'SELECT action, reason, details FROM audit_log WHERE subject = ?', [id]);
  expect(audit).toMatchObject({
    action: 'subscription.change',
    reason: 'he has called',
    details: { outcome: 'applied' },
  });
});

test('of several items one is named, one comes, and one goes', async () => {
  const { id, item } = await begun([{ price: plans.basic.id }, { price: plans.seats.id, quantity: 3 }]);
  const shown = async (...words: string[]) => (await change(id, ...words, '--preview')).stdout;
  expect(await shown('--item', item, '--plan', 'pro')).toContain(`→ 1 × pro (${plans.pro.id})`);
  expect(await shown('--add', '--plan', 'pro')).toContain(`new: 1 × pro (${plans.pro.id})`);
  expect(await shown('--item', item, '--remove')).toContain(`1 × basic (${plans.basic.id}) → removed`);
  const unsaid = await change(id, '--plan', 'pro', '--preview');
  expect([unsaid.code, unsaid.stderr]).toEqual([1, expect.stringContaining('say which item')]);
});

test('at the end of the period nothing is due', async () => {
  const { id } = await begun([{ price: plans.pro.id }]);
  const planned = await change(id, '--plan', 'basic', '--when', 'period_end', '--confirm', '0.00');
  expect(planned.stdout).toMatch(/Due now: EUR 0\.00.*The next period: EUR 10\.00.*changes with its next period\./s);
});

test('what waits for its payment says where to pay', async () => {
  const { id, customer } = await basic();
  await useCard(customer, 'pm_card_chargeCustomerFail');
  const due = /Due now: (EUR \S+)/.exec((await change(id, '--plan', 'pro', '--preview')).stdout)?.[1] ?? '';
  const { stdout } = await change(id, '--plan', 'pro', '--confirm', due);
  expect(stdout).toMatch(/The change waits for the payment of in_\w+: http/);
});

test.each([
  [['--quantity', 'two'], '--quantity must be a whole number from 1 on.'],
  [['--when', 'soon'], '--when must be now or period_end.'],
  [['--add', '--item', 'si_1'], '--add makes a further item: leave out --item.'],
])('%j is refused', async (words, sentence) => {
  const { code, stderr } = await change('sub_1', ...words);
  expect([code, stderr.trim()]).toEqual([1, sentence]);
});
