import { describe, expect, test } from 'vitest';
import { rows } from '../../src/platform/db.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { quittance } from '../support/command.ts';
import { unpaidRenewals } from '../support/unpaid-renewals.ts';

/** Failed payments, from a shell. */
const billing = await billingUnderTest({ BUSINESS_TIME_ZONE: 'Europe/Berlin' });
const { deps, side, settings } = billing;
const { db } = deps;
const { unpaid, daysPass } = unpaidRenewals(billing);
await side.control('POST', '/_sim/settings', { retry_days: [30], after_retries: 'past_due' });
const recovery = (...words: string[]) => quittance(['recovery', ...words], settings);
const why = ['--reason', 'the customer has called'];
const minute = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d CES?T`;
const actions = async (subject: string) =>
  (await rows<{ action: string }>(db, 'SELECT action FROM audit_log WHERE subject = ? ORDER BY id', [subject])).map(
    ({ action }) => action,
  );

test('they are listed with why, what was done and what comes next', async () => {
  const { invoice } = await unpaid({ decline_code: 'insufficient_funds' });
  const { code, stdout } = await recovery('list', '--search', invoice);
  expect(code).toBe(0);
  const [asks, line] = stdout.trimEnd().split('\n');
  expect(asks).toMatch(/^Please look in the Dashboard of Stripe: .* \(quittance recovery confirm-stripe-settings\)$/);
  expect(line).toMatch(
    new RegExp(
      `^${invoice}  \\S+  ada@example\\.com  EUR 30\\.00  open  not enough money  1 tries  0 letters  Stripe plans a try ${minute}$`,
    ),
  );
  const json: unknown = JSON.parse((await recovery('list', '--json', '--search', invoice)).stdout);
  expect(json).toMatchObject([{ id: invoice, state: 'open', decline_class: 'money', amount: 3_000, tries: 1 }]);
  expect((await recovery('list', '--state', 'recovered')).stdout).toContain('There are no such failed payments.');
  expect((await recovery('list', '--state', 'gone')).code).toBe(1);
});

test('one is shown with its story', async () => {
  const { invoice } = await unpaid();
  const { stdout } = await recovery('show', invoice);
  expect(stdout).toMatch(new RegExp(`^  Next    Stripe plans a try ${minute}$`, 'm'));
  expect(stdout).toMatch(new RegExp(`^  Letter  failed ${minute}$`, 'm'));
  expect(stdout).toMatch(new RegExp(`^  ${minute}  failed  card_declined, generic_decline$`, 'm'));
  const json: unknown = JSON.parse((await recovery('show', invoice, '--json')).stdout);
  expect(json).toMatchObject({ of: { id: invoice }, timeline: [{ what: 'failed' }, { what: 'opened' }] });
  expect((await recovery('show', 'in_none')).stderr).toContain('There is no case of invoice in_none.');
  expect((await recovery('show', 'sub_1')).code).toBe(1);
});

describe('what people do', () => {
  test('letters are stopped and written again, of an invoice and of a customer', async () => {
    const { invoice, customer } = await unpaid();
    expect((await recovery('stop', invoice, ...why)).stdout).toContain('nothing more is written about it');
    expect((await recovery('stop', invoice, ...why)).stdout).toContain('its letters were stopped before');
    expect((await recovery('resume', invoice, ...why)).stdout).toContain('letters are written again');
    expect((await recovery('unsubscribe', customer, ...why)).stdout).toContain('is written nothing');
    expect((await recovery('resubscribe', customer, ...why)).stdout).toContain('is written to again');
    expect(await actions(invoice)).toEqual(['recovery.stop_letters', 'recovery.resume_letters']);
    expect(await actions(customer)).toEqual(['recovery.unsubscribe', 'recovery.resubscribe']);
    expect((await recovery('unsubscribe', 'ada', ...why)).code).toBe(1);
  });

  test('the card is tried, with an exit code', async () => {
    const open = await unpaid({ decline_code: 'insufficient_funds' });
    await daysPass(open, 2);
    const declined = await recovery('try', open.invoice, ...why);
    expect([declined.code, declined.stdout]).toEqual([1, `${open.invoice}  declined: declined: insufficient_funds\n`]);
    await daysPass(open, 2);
    await side.control('POST', '/_sim/cards', { payment_method: open.declined });
    expect(await recovery('try', open.invoice, ...why)).toMatchObject({ code: 0 });
    const { stdout } = await recovery('figures', '--class', 'money');
    expect(stdout).toMatch(/^\d{4}-\d\d {2}\d cases {2}failed EUR .*byOperator EUR 30\.00/m);
    expect(stdout).toContain('By the month (UTC) of the first failure');
  });

  test('what Stripe does not tell is confirmed, and asked for again', async () => {
    await unpaid();
    expect((await recovery('settings')).code).toBe(1);
    expect((await recovery('confirm-stripe-settings', '--reason', 'looked')).stdout).toContain('no_mails_of_stripe');
    const known = await recovery('settings', '--json');
    expect([known.code, JSON.parse(known.stdout)]).toMatchObject([
      0,
      [{ setting: 'no_mails_of_stripe', isDue: false }],
    ]);
    expect((await recovery('confirm-stripe-settings', 'nothing', '--reason', 'x')).code).toBe(1);
  });
});
