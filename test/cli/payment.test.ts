import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { loadEligibilityRules } from '../../src/billing/policy/eligibility-rules.ts';
import { settlePayment } from '../../src/billing/stripe-invoices/settle-payment.ts';
import { firstRow, rows } from '../../src/platform/db.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { quittance } from '../support/command.ts';
import { buy, item } from '../support/purchases.ts';
import { storedEvent } from '../support/stored-events.ts';

const folder = mkdtempSync(join(tmpdir(), 'rules-'));
releaseAfterFile(async () => rmSync(folder, { recursive: true }));
const file = join(folder, 'rules.json');
function writeRules(rules: object[]): void {
  writeFileSync(file, JSON.stringify({ rules, otherwise: 'invoice' }));
}
writeRules([]);

const { deps, side, settings } = await billingUnderTest({ ELIGIBILITY_RULES: file });
const { db } = deps;
/** As a worker that was started with the rules of now would settle it. */
const settle = (paymentIntent: string) =>
  settlePayment(
    { account: '', paymentIntent },
    { ...deps, policy: { ...deps.policy, eligibility: loadEligibilityRules(file) } },
  );
const run = (...words: string[]) => quittance(words, settings);
const invoicesOf = async (intent: string) =>
  (await side.stripe.invoices.list({ limit: 100 })).data.filter(({ metadata }) => metadata?.payment_intent === intent);
const buyCourse = () => buy(side, { line_items: [item('Course', 12_345, { quantity: 2 })] });
beforeEach(() => writeRules([]));

describe('reconsider', () => {
  test('gives a payment that was skipped its one paid invoice, once the rules say so, and keeps who asked and why', async () => {
    writeRules([{ name: 'courses are invoiced elsewhere', action: 'skip', when: { description: '/Course/' } }]);
    const intent = await buyCourse();
    expect(await settle(intent)).toMatchObject({ outcome: 'ignored', reason: 'courses are invoiced elsewhere' });
    expect(await invoicesOf(intent)).toEqual([]);

    const unchanged = await run('reconsider', intent, '--reason', 'asked by accounting');
    expect(unchanged).toMatchObject({ code: 0, stdout: `${intent}  ignored: courses are invoiced elsewhere\n` });

    writeRules([]);
    const end = await run('reconsider', intent, '--reason', 'asked by accounting');
    expect(end).toMatchObject({ code: 0, stderr: '' });
    const [invoice, ...others] = await invoicesOf(intent);
    expect(end.stdout).toBe(`${intent}  processed: invoice ${invoice?.number}\n`);
    expect(others).toEqual([]);
    expect(invoice).toMatchObject({ status: 'paid', total: 24_690, currency: 'eur' });
    expect(await rows(db, 'SELECT action, subject, reason, actor FROM audit_log ORDER BY id')).toEqual(
      Array(2).fill({
        action: 'reconsider',
        subject: intent,
        reason: 'asked by accounting',
        actor: expect.stringMatching(/^cli:.+/),
      }),
    );
  });

  test('a payment that waits for a person is decided, and the question is answered', async () => {
    writeRules([{ name: 'large sums', action: 'review', when: { amount: { from: 10_000 } } }]);
    const intent = await buyCourse();
    expect(await settle(intent)).toMatchObject({ outcome: 'review' });
    writeRules([]);
    expect((await run('reconsider', intent, '--reason', 'looked at it')).code).toBe(0);
    expect(await invoicesOf(intent)).toMatchObject([{ status: 'paid', total: 24_690 }]);
    expect(await rows(db, 'SELECT state FROM review_items WHERE subject = ?', [intent])).toEqual([
      { state: 'resolved' },
    ]);
  });

  test('a payment that has its invoice keeps it', async () => {
    const intent = await buyCourse();
    await settle(intent);
    const before = await invoicesOf(intent);
    expect((await run('reconsider', intent, '--reason', 'to be sure')).stdout).toMatch(/ processed: /);
    expect(await invoicesOf(intent)).toEqual(before);
  });

  test.each([
    ['an id of something else', ['ch_1', '--reason', 'x'], 1, /^Not a payment intent \(pi_…\): ch_1\.$/m],
    ['no reason', ['pi_1'], 1, /required option '--reason <text>' not specified/],
    ['a payment that Stripe does not know', ['pi_unknown', '--reason', 'x'], 1, /No such payment_intent: 'pi_unknown'/],
  ])('%s is refused in one sentence', async (_what, words, code, complaint) => {
    const end = await run('reconsider', ...words);
    expect([end.code, end.stdout]).toEqual([code, '']);
    expect(end.stderr).toMatch(complaint);
    expect(end.stderr).not.toMatch(/ {4}at /);
  });

  test('what Stripe does not know is not stored: nothing would ever bring it to an end', async () => {
    await run('reconsider', 'pi_typo', '--reason', 'x');
    const stored = `SELECT payment_intent FROM payments WHERE payment_intent = 'pi_typo'`;
    expect(await rows(db, stored)).toEqual([]);
  });
});

describe('trace', () => {
  test('tells the story of a payment, by its id or that of one of its events', async () => {
    const intent = await buyCourse();
    await settle(intent);
    await storedEvent(db, 'evt_traced', { outcome: 'processed' });
    await rows(db, `UPDATE stripe_events SET payment_intent = ?, attempts = 2, reason = 'invoice made'`, [intent]);
    const [invoice] = await invoicesOf(intent);

    const { code, stdout, stderr } = await run('trace', intent);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Payment  ${intent}  EUR 246.90  succeeded\n`);
    expect(stdout).toContain('Decision invoice: no rule applies: the default decides\n');
    expect(stdout).toMatch(
      new RegExp(`^Invoice  ${invoice?.number}  ${invoice?.id}  EUR 246\\.90  paid  out_of_band$`, 'm'),
    );
    expect(stdout).toMatch(
      /^Event {4}\S+Z {2}evt_traced {2}payment_intent\.succeeded {2}processed after 2 attempts {2}invoice made$/m,
    );
    expect((await run('trace', 'evt_traced')).stdout).toBe(stdout);
  });

  test('shows the questions that wait for a person', async () => {
    writeRules([{ name: 'large sums', action: 'review' }]);
    const intent = await buyCourse();
    await settle(intent);
    const { stdout } = await run('trace', intent);
    expect(stdout).toContain('Invoice  none of ours\n');
    expect(stdout).toMatch(/^Review {3}eligibility_unclear \(open\): A rule asks a person/m);
  });

  test('needs the database alone', async () => {
    const { code, stdout } = await quittance(['trace', 'pi_nobody'], { DATABASE_URL: settings.DATABASE_URL });
    expect([code, stdout]).toEqual([0, 'Nothing is known of payment pi_nobody.\n']);
  });

  test('an event that never came, one without a payment, and an id of another kind are told apart', async () => {
    await storedEvent(db, 'evt_lonely');
    expect(await firstRow(db, `SELECT payment_intent FROM stripe_events WHERE id = 'evt_lonely'`)).toEqual({
      payment_intent: null,
    });
    for (const [id, complaint] of [
      ['evt_never', /There is no event evt_never/],
      ['evt_lonely', /Event evt_lonely led to no payment/],
      ['in_1', /in_1 is no payment intent/],
    ] as const) {
      expect(await run('trace', id)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(complaint) });
    }
  });
});
