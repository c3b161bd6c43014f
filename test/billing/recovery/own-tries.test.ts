import { describe, expect, test } from 'vitest';
import { endDueSubscriptions, endSubscription } from '../../../src/billing/recovery/end-at-stripe.ts';
import { agreeGivenUp, writeDueLetters } from '../../../src/billing/recovery/write-letters.ts';
import { firstRow, rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { policyFile } from '../../support/policy-file.ts';
import { depth } from '../../support/property.ts';
import { type BankSays, type Unpaid, unpaidRenewals } from '../../support/unpaid-renewals.ts';

/** Where we try: unpaid renewals day by day, with the simulated Stripe, until they end. */
const billing = await billingUnderTest({
  POLICY: policyFile({
    recovery: { mode: 'own', quiet_hours: null, retries: { hours: { from: '00:00', to: '23:59' } } },
  }),
});
const { deps, side } = billing;
const { db, stripe, policy } = deps;
const { unpaid, known, look, daysPass, caseOf, retriesOf, paysAsked, statusOf } = unpaidRenewals(billing);
const noRetries = { retry_days: [], after_retries: 'past_due' };
await side.control('POST', '/_sim/settings', noRetries);

/** What the loops of a worker do. */
async function aRound(): Promise<void> {
  await look();
  await agreeGivenUp(db, deps.changed);
  await endDueSubscriptions(deps);
  await writeDueLetters(db, { policy: policy.recovery, timeZone: 'UTC' });
}

async function sixtyDays(open: Unpaid): Promise<string[]> {
  const days: string[] = [];
  let [tries, letters] = [0, 0];
  for (let day = 0; day <= 60; day += 1) {
    if (day > 0) await daysPass(open, 1);
    await aRound();
    const made = await paysAsked(open.invoice);
    if (made > tries) days.push(`try ${day}`);
    const written = await rows<{ kind: string }>(
      db,
      'SELECT kind FROM recovery_letters WHERE invoice = ? ORDER BY id',
      [open.invoice],
    );
    for (const { kind } of written.slice(letters)) days.push(`${kind} ${day}`);
    [tries, letters] = [made, written.length];
  }
  return days;
}

const NEVER = ['failed 0', 'reminder 4', 'warning 25', 'ended 28'];
const SPACED = [1, 3, 5, 7, 10, 14, 21];
const patient = (tries: readonly number[]) =>
  [...tries.map((day) => `try ${day}`), 'failed 1', 'reminder 5', 'warning 25', 'ended 28'].toSorted(
    (one, other) => Number(one.split(' ')[1]) - Number(other.split(' ')[1]) || (one.startsWith('try') ? -1 : 1),
  );

describe('an invoice that is never paid, day by day', () => {
  const classes: [string, BankSays, readonly string[]][] = [
    ['stolen', { decline_code: 'stolen_card' }, NEVER],
    ['too little money', { decline_code: 'insufficient_funds' }, patient(SPACED)],
    ['stopped', { decline_code: 'generic_decline', advice_code: 'do_not_try_again' }, NEVER],
    ['not possible', { decline_code: 'transaction_not_allowed' }, NEVER],
    ['confirmation', { decline_code: 'authentication_required' }, NEVER],
    ['expired', { code: 'expired_card' }, NEVER],
    ['no reason', { decline_code: 'do_not_honor' }, patient([1, 3, 5, 7])],
    ['later', { code: 'processing_error' }, patient(SPACED)],
  ];
  test.each(depth === 1 ? classes.slice(0, 2) : classes)('%s', { timeout: 120_000 }, async (_of, says, days) => {
    const open = await unpaid(says);
    expect(await sixtyDays(open)).toEqual(days);
    expect(await caseOf(open.invoice)).toMatchObject({ state: 'ended', how: 'exhausted' });
    expect((await stripe.subscriptions.retrieve(open.subscription)).status).toBe('canceled');
  });
});

test('a try that succeeds recovers the case by a retry', async () => {
  const open = await unpaid({ decline_code: 'insufficient_funds' });
  await side.control('POST', '/_sim/cards', { payment_method: open.declined });
  await daysPass(open, 1);
  await aRound();
  expect(await statusOf(open.invoice)).toBe('paid');
  expect(await caseOf(open.invoice)).toMatchObject({ state: 'recovered', how: 'retry' });
  expect(await retriesOf(open.invoice)).toEqual([{ why: 'step', state: 'paid' }]);
});

test('while Stripe tries by itself we wait, and say so', async () => {
  await side.control('POST', '/_sim/settings', { retry_days: [5], after_retries: 'past_due' });
  const open = await unpaid({ decline_code: 'insufficient_funds' });
  await side.control('POST', '/_sim/settings', noRetries);
  await daysPass(open, 3);
  await aRound();
  expect([await paysAsked(open.invoice), (await caseOf(open.invoice))?.retry_note]).toEqual([
    0,
    'Stripe’s own tries are on for this invoice: they are waited for',
  ]);
  expect(await caseOf(open.invoice)).toMatchObject({ state: 'open' });
});

test('whoever looks after a week makes one try, not four', async () => {
  const open = await unpaid({ decline_code: 'insufficient_funds' });
  await daysPass(open, 8);
  await aRound();
  await aRound();
  expect(await retriesOf(open.invoice)).toEqual([{ why: 'step', state: 'declined' }]);
});

describe('at the end', () => {
  async function ended(atEnd: 'cancel' | 'pause' | 'nothing'): Promise<Unpaid> {
    const open = await unpaid({ decline_code: 'stolen_card' });
    await daysPass(open, 27);
    await agreeGivenUp(db, deps.changed);
    await daysPass(open, 2);
    await rows(db, `UPDATE recovery_cases SET ends_at = now() - interval '1 day' WHERE invoice = ?`, [open.invoice]);
    await agreeGivenUp(db, deps.changed);
    await rows(
      db,
      `UPDATE recovery_cases SET at_end = :atEnd, at_end_state = CASE :atEnd WHEN 'nothing' THEN 'done' ELSE 'due' END WHERE invoice = :invoice`,
      { invoice: open.invoice, atEnd },
    );
    return open;
  }
  const endState = async ({ invoice }: Unpaid) =>
    (
      await firstRow<{ at_end_state: string }>(db, 'SELECT at_end_state FROM recovery_cases WHERE invoice = ?', [
        invoice,
      ])
    )?.at_end_state;
  const live = async ({ subscription }: Unpaid) => {
    const { status, pause_collection: pause } = await stripe.subscriptions.retrieve(subscription);
    return [status, pause?.behavior ?? null];
  };

  test.each([
    ['cancel', ['canceled', null]],
    ['pause', ['past_due', 'void']],
    ['nothing', ['past_due', null]],
  ] as const)('%s is done once', async (atEnd, stands) => {
    const open = await ended(atEnd);
    await Promise.all([endDueSubscriptions(deps), endDueSubscriptions(deps)]);
    await endDueSubscriptions(deps);
    expect([await live(open), await endState(open)]).toEqual([stands, 'done']);
  });

  test('nothing is done to who has paid meanwhile', async () => {
    const open = await ended('cancel');
    await stripe.invoices.pay(open.invoice, { paid_out_of_band: true });
    await endDueSubscriptions(deps);
    expect([await live(open), await endState(open)]).toEqual([['active', null], 'not_needed']);
  });

  test('what Stripe refuses is asked, and tried again by who answers', async () => {
    const open = await ended('pause');
    const fault = await side.fault({ kind: 'refuse', path: `/v1/subscriptions/${open.subscription}`, method: 'POST' });
    await endDueSubscriptions(deps);
    expect(await endState(open)).toBe('refused');
    expect(await rows(db, `SELECT kind, state FROM review_items WHERE subject = ?`, [open.invoice])).toEqual([
      { kind: 'recovery_end_refused', state: 'open' },
    ]);
    expect(fault).toBeTruthy();
    await side.endFaults();
    expect(await endSubscription(open.invoice, deps)).toBe('done');
  });
});

test('a subscription that Stripe has made unpaid is still tried until our own end', async () => {
  await side.control('POST', '/_sim/settings', { retry_days: [], after_retries: 'unpaid' });
  const open = await unpaid({ decline_code: 'insufficient_funds' });
  await known(open);
  await side.control('POST', '/_sim/settings', noRetries);
  expect(await caseOf(open.invoice)).toMatchObject({ state: 'open' });
  await daysPass(open, 1);
  await aRound();
  expect(await retriesOf(open.invoice)).toEqual([{ why: 'step', state: 'declined' }]);
});
