import { beforeEach, describe, expect, test } from 'vitest';
import { conclusionOf } from '../../../src/billing/payments/at-rest.ts';
import { findPayment } from '../../../src/billing/payments/payments.ts';
import { knownTypes } from '../../../src/billing/stripe-events.ts';
import { connect, firstRow, rows } from '../../../src/platform/db.ts';
import { takeUp } from '../../../src/stripe/inbox/events.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { freshDatabase } from '../../support/database.ts';
import { storedEvent } from '../../support/stored-events.ts';

/** The events that come after a payment was settled: most of all events there are. */
const db = connect((await freshDatabase()).url, { name: 'test', connections: 10 });
releaseAfterFile(() => db.destroy());
beforeEach(() => rows(db, 'TRUNCATE payments, stripe_events CASCADE'));

type Given = { settled: boolean; verdict: 'invoice' | 'skip' | 'review' | null; reason?: string };

async function payment({ settled, verdict, reason }: Given): Promise<void> {
  await rows(
    db,
    `INSERT INTO payments (payment_intent, livemode, amount_received, currency, charge, checkout_session, verdict, reason, settled_at)
     VALUES ('pi_1', false, 100, 'eur', 'ch_1', 'cs_1', :verdict, :reason, CASE WHEN :settled THEN now() END)`,
    { settled, verdict, reason: reason ?? null },
  );
}

const takenBack = (decision: string) =>
  rows(
    db,
    `INSERT INTO adjustments (id, kind, account, payment_intent, amount, currency, status, happened_at, decision, reason)
     VALUES ('re_1', 'refund', '', 'pi_1', 100, 'eur', 'pending', now(), ?, 'x')`,
    [decision],
  );

const eventRow = () =>
  firstRow(db, `SELECT outcome, reason, payment_intent, attempts, last_error FROM stripe_events WHERE id = 'evt_1'`);
const attempt = () =>
  firstRow(db, 'SELECT ended, note, stripe_calls, duration_ms, finished_at IS NOT NULL AS over FROM event_attempts');

async function takenUp(says: Parameters<typeof storedEvent>[2]) {
  await storedEvent(db, 'evt_1', says);
  return takeUp(db, 'evt_1', 'w', knownTypes);
}

const followers = [
  ['checkout.session.completed', 'cs_1'],
  ['checkout.session.async_payment_succeeded', 'cs_1'],
  ['checkout.session.async_payment_failed', 'cs_1'],
  ['payment_intent.succeeded', 'pi_1'],
  ['payment_intent.payment_failed', 'pi_1'],
  ['charge.succeeded', 'ch_1'],
  ['charge.updated', 'ch_1'],
  ['v1.charge.updated', 'ch_1'],
] as const;

describe('of a payment that is settled', () => {
  test.each(followers)('%s about %s has its outcome with its attempt', async (type, object) => {
    await payment({ settled: true, verdict: 'invoice' });
    const taken = await takenUp({ type, object });
    expect(taken).toMatchObject({ isDone: true, event: { outcome: 'processed' }, attempt: expect.any(Number) });
    expect(await eventRow()).toEqual({
      outcome: 'processed',
      reason: 'the payment has its invoice',
      payment_intent: 'pi_1',
      attempts: 1,
      last_error: null,
    });
    expect(await attempt()).toEqual({
      ended: 'processed',
      note: 'the payment has its invoice',
      stripe_calls: 0,
      duration_ms: 0,
      over: true,
    });
  });

  test.each([
    ['an invoice', { settled: true, verdict: 'invoice' }],
    ['a reason to skip it', { settled: true, verdict: 'skip', reason: 'a rule' }],
    ['no invoice, and no reason', { settled: true, verdict: 'skip' }],
  ] as const)('with %s says what the look at its row says', async (_what, given) => {
    await payment(given);
    const row = await findPayment(db, { account: '', paymentIntent: 'pi_1' });
    const { outcome, reason } = (row && conclusionOf(row, false)) ?? {};
    await takenUp({});
    expect(outcome).toBeDefined();
    expect(await eventRow()).toMatchObject({ outcome, reason });
  });
});

describe('is looked at', () => {
  test.each([
    ['an event that is about its refunds', { type: 'charge.refunded', object: 'ch_1' }],
    ['an event about another object', { object: 'pi_2' }],
    ['an event of a connected account', { account: 'acct_1' }],
    ['an event that waits for a person', { outcome: 'review' }],
  ])('%s', async (_what, says) => {
    await payment({ settled: true, verdict: 'invoice' });
    const { outcome = null } = { outcome: undefined, ...says };
    const taken = await takenUp(says);
    expect(taken).toMatchObject({ isDone: false, attempt: expect.any(Number) });
    expect(await eventRow()).toMatchObject({ outcome: outcome ?? null, attempts: 1 });
    expect(await attempt()).toMatchObject({ ended: null, over: false });
  });

  test.each([
    [
      'whose page of ours is open',
      `INSERT INTO checkouts (id, reference, slot, wanted, params, state, session, url, opened_by)
       VALUES ('co_1', 'user-1', 'prod_1', 'x', '{}', 'open', 'cs_1', 'https://x', 'test')`,
    ],
    [
      'whose end is not on record',
      `INSERT INTO checkout_sessions (id, mode, status, payment_status, created, expires_at)
       VALUES ('cs_1', 'payment', 'open', 'unpaid', now(), now())`,
    ],
  ])('a checkout %s, with its own events and no others', async (_what, sql) => {
    await rows(db, 'TRUNCATE checkouts, checkout_sessions');
    await payment({ settled: true, verdict: 'invoice' });
    await rows(db, sql);
    expect(await takenUp({ type: 'checkout.session.completed', object: 'cs_1' })).toMatchObject({ isDone: false });
    await rows(db, 'TRUNCATE stripe_events CASCADE');
    expect(await takenUp({ type: 'payment_intent.succeeded' })).toMatchObject({ isDone: true });
    await rows(db, 'TRUNCATE checkouts, checkout_sessions');
  });

  test.each([
    ['that is not settled', { settled: false, verdict: 'invoice' }],
    ['that waits for a person', { settled: false, verdict: 'review' }],
    ['about which nothing is decided', { settled: false, verdict: null }],
  ] as const)('a payment %s', async (_what, given) => {
    await payment(given);
    expect(await takenUp({})).toMatchObject({ isDone: false });
  });

  test('a payment of which something that was taken back waits for its invoice', async () => {
    await payment({ settled: true, verdict: 'invoice' });
    await takenBack('wait');
    expect(await takenUp({})).toMatchObject({ isDone: false });
  });

  test('but not one whose refund has its note', async () => {
    await payment({ settled: true, verdict: 'invoice' });
    await takenBack('note');
    expect(await takenUp({})).toMatchObject({ isDone: true });
  });
});

test('an event that has its outcome is neither begun nor ended again', async () => {
  await payment({ settled: true, verdict: 'invoice' });
  const taken = await takenUp({ outcome: 'ignored' });
  expect(taken).toMatchObject({ isDone: false, attempt: null });
  expect(await eventRow()).toMatchObject({ outcome: 'ignored', attempts: 0 });
});

test('of several workers at the same event one gives it its outcome, and it counts once', async () => {
  const counted = async () =>
    (await firstRow<{ n: number }>(db, `SELECT coalesce(sum(events), 0)::int AS n FROM event_outcomes`))?.n ?? 0;
  await payment({ settled: true, verdict: 'invoice' });
  await storedEvent(db, 'evt_1', {});
  const before = await counted();
  const taken = await Promise.all(Array.from({ length: 10 }, () => takeUp(db, 'evt_1', 'w', knownTypes)));
  expect(taken.map((each) => each?.event.outcome)).toEqual(Array(10).fill('processed'));
  expect((await counted()) - before).toBe(1);
  expect(await rows(db, 'SELECT FROM event_attempts WHERE finished_at IS NULL')).toEqual([]);
});
