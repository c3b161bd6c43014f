import { beforeEach, describe, expect, test } from 'vitest';
import { recoveryPolicy } from '../../../src/billing/policy/recovery.ts';
import { agreeGivenUp, writeDueLetters } from '../../../src/billing/recovery/write-letters.ts';
import { rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';

/** Letters about failed payments, when they are due: by rows alone, whoever looks and how often. */
const { deps } = await billingUnderTest();
const { db, changed } = deps;
const policy = recoveryPolicy.parse({ quiet_hours: null });
const look = (says = policy) => writeDueLetters(db, { policy: says, timeZone: 'UTC' });
beforeEach(() => rows(db, 'TRUNCATE subscriptions, messages CASCADE'));

interface Says {
  readonly id: string;
  readonly email?: string | null;
  /** Hours ago. */
  readonly failed?: number;
  readonly reason?: string;
  readonly triesOn?: boolean;
  readonly clock?: string | null;
}
/** A renewal that failed, as its rows tell it, brought into agreement. */
async function failing({
  id,
  email = 'ada@example.com',
  failed = 50,
  reason = 'generic_decline',
  triesOn = true,
  clock = null,
}: Says) {
  const said = { id, email, failed, reason, triesOn, clock };
  await rows(
    db,
    `INSERT INTO subscriptions (id, customer, livemode, status, collection_method, billing_mode, currency, cancel_at_period_end,
                                after_trial, email, test_clock, created, synced_from)
     VALUES ('sub_' || :id, 'cus_1', false, 'past_due', 'charge_automatically', 'flexible', 'eur', false, 'create_invoice', :email, :clock, now(), now())`,
    said,
  );
  await rows(
    db,
    `INSERT INTO subscription_invoices (id, subscription, status, billing_reason, collection_method, currency, total, amount_due,
                                        amount_paid, amount_remaining, attempt_count, next_payment_attempt, created, synced_from)
     VALUES ('in_' || :id, 'sub_' || :id, 'open', 'subscription_cycle', 'charge_automatically', 'eur', 900, 900, 0, 900, 1,
             CASE WHEN :triesOn THEN now() + interval '3 days' END, now(), now())`,
    said,
  );
  await rows(
    db,
    `INSERT INTO subscription_payment_attempts (id, invoice, at, code, reason, requires_action)
     VALUES ('ch_' || :id, 'in_' || :id, now() - make_interval(hours => :failed::integer), 'card_declined', :reason, false)`,
    said,
  );
  await agree(id);
}
const agree = (id: string) => db.transaction((trx) => changed(trx, { record: 'subscription', id: `sub_${id}` }));
const mails = () => rows<{ kind: string; recipient: string }>(db, 'SELECT kind, recipient FROM messages ORDER BY id');
const failedMail = { kind: 'recovery_failed', recipient: 'ada@example.com' };
const told = () => rows(db, 'SELECT invoice, kind FROM recovery_letters ORDER BY invoice, id');

test('six who look at once write one letter, and whoever looks again none', async () => {
  await failing({ id: 'a' });
  await Promise.all(Array.from({ length: 6 }, () => look()));
  await agree('a');
  await look();
  await look();
  expect(await mails()).toEqual([failedMail]);
});

test('two failed invoices of a customer are one letter, recorded for both', async () => {
  await failing({ id: 'a' });
  await failing({ id: 'b' });
  await look();
  await look();
  expect(await mails()).toEqual([failedMail]);
  expect(await told()).toEqual([
    { invoice: 'in_a', kind: 'failed' },
    { invoice: 'in_b', kind: 'failed' },
  ]);
});

describe('nothing is written', () => {
  test.each<[string, Says]>([
    ['before it is due', { id: 'a', failed: 1 }],
    ['to nobody', { id: 'a', email: null }],
    ['about what was found a week late', { id: 'a', failed: 8 * 24 }],
    ['about a last failure whose end is to come', { id: 'a', failed: 0, reason: 'lost_card', triesOn: false }],
  ])('%s', async (_when, says) => {
    await failing(says);
    await look();
    expect(await mails()).toEqual([]);
    expect(await rows(db, 'SELECT state FROM recovery_cases')).toEqual([{ state: 'open' }]);
  });

  test('when the policy wants none', async () => {
    await failing({ id: 'a' });
    await look(recoveryPolicy.parse({ quiet_hours: null, letters: { most_per_case: 0 } }));
    expect(await mails()).toEqual([]);
  });
});

test('where only another card helps, it is written at once', async () => {
  await failing({ id: 'a', failed: 0, reason: 'lost_card' });
  await look();
  expect(await mails()).toEqual([failedMail]);
});

test('a case that Stripe has given up and left past due ends by time, and that is told', async () => {
  await failing({ id: 'a', failed: 0, triesOn: false });
  expect(await agreeGivenUp(db, changed)).toBe(0);
  await rows(db, `UPDATE subscription_payment_attempts SET at = at - interval '2 hours'`);
  await rows(db, `UPDATE recovery_cases SET given_up_at = given_up_at - interval '2 hours'`);
  expect(await agreeGivenUp(db, changed)).toBe(1);
  expect(await agreeGivenUp(db, changed)).toBe(0);
  expect(await rows(db, 'SELECT state, how FROM recovery_cases')).toEqual([{ state: 'ended', how: 'exhausted' }]);
  await look();
  await look();
  expect(await mails()).toEqual([{ ...failedMail, kind: 'recovery_ended' }]);
});

test('a case that has ended never opens again', async () => {
  await failing({ id: 'a' });
  const says = (status: string) => rows(db, 'UPDATE subscription_invoices SET status = ?', [status]);
  await says('void');
  await agree('a');
  await says('open');
  await agree('a');
  expect(await rows(db, 'SELECT state, how FROM recovery_cases')).toEqual([{ state: 'ended', how: 'cancelled' }]);
  await look();
  expect(await mails()).toEqual([]);
});

describe('on a test clock', () => {
  const at = (seconds: number) =>
    rows(
      db,
      `INSERT INTO test_clocks (id, status, frozen_time, synced_from)
       VALUES ('clock_1', 'ready', now() + make_interval(secs => ?), now())
       ON CONFLICT (id) DO UPDATE SET frozen_time = excluded.frozen_time`,
      [seconds],
    );
  const there = { id: 'a', clock: 'clock_1' };
  const moved = () => db.transaction((trx) => changed(trx, { record: 'test_clock', id: 'clock_1' }));
  const HOUR = 3_600;

  test('a letter is due when it is time there, and goes out now', async () => {
    await at(0);
    await failing({ ...there, failed: 1 });
    await look();
    expect(await mails()).toEqual([]);
    await at(48 * HOUR);
    await moved();
    await look();
    expect(await mails()).toEqual([failedMail]);
    expect(await rows(db, 'SELECT FROM messages WHERE next_attempt_at > now() OR cap_key IS NOT NULL')).toEqual([]);
    await at(48 * HOUR + 3 * 24 * HOUR);
    await moved();
    await look();
    expect(await mails(), 'the reminder has its own day').toEqual([failedMail]);
    await at(48 * HOUR + 4 * 24 * HOUR);
    await moved();
    await look();
    expect(await told()).toEqual([
      { invoice: 'in_a', kind: 'failed' },
      { invoice: 'in_a', kind: 'reminder' },
    ]);
  });

  test('what is known before it is time for it is told by nobody', async () => {
    await at(0);
    await failing({ ...there, failed: -60, reason: 'lost_card', triesOn: false });
    await look();
    expect(await mails()).toEqual([]);
  });

  test('a case ends by that time, and by no other', async () => {
    const state = () => rows(db, 'SELECT state FROM recovery_cases');
    await at(-3.5 * HOUR);
    await failing({ ...there, failed: 4, triesOn: false });
    expect(await agreeGivenUp(db, changed)).toBe(0);
    expect(await state()).toEqual([{ state: 'open' }]);
    await at(-2.9 * HOUR);
    await moved();
    expect(await state()).toEqual([{ state: 'ended' }]);
  });
});
