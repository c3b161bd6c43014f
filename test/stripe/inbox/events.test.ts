import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { knownTypes } from '../../../src/billing/stripe-events.ts';
import { connect, firstRow, rows } from '../../../src/platform/db.ts';
import { endAttempt, finishEvent, takeUnfinished, takeUp } from '../../../src/stripe/inbox/events.ts';
import { beginAttempt } from '../../support/begun-attempts.ts';
import { freshDatabase } from '../../support/database.ts';
import { storedEvent } from '../../support/stored-events.ts';

const db = connect((await freshDatabase()).url, { name: 'test', connections: 8 });
afterAll(() => db.destroy());
beforeEach(() => rows(db, 'TRUNCATE stripe_events CASCADE'));

const event = (id = 'evt_1') =>
  firstRow(db, 'SELECT outcome, reason, payment_intent, attempts, last_error FROM stripe_events WHERE id = ?', [id]);
const attempts = () =>
  rows(db, 'SELECT worker, ended, stripe_calls, note, finished_at, duration_ms FROM event_attempts ORDER BY id');

test('an event that was never stored is not there', async () => {
  expect(await takeUp(db, 'evt_unknown', 'w', knownTypes)).toBeUndefined();
});

describe('attempts', () => {
  test('are counted as they begin; one that never ended shows that its worker died', async () => {
    await storedEvent(db, 'evt_1');
    await beginAttempt(db, 'evt_1', 'host:1:invoicing', () => 0);
    expect(await event()).toMatchObject({ attempts: 1, outcome: null });
    expect(await attempts()).toEqual([
      { worker: 'host:1:invoicing', ended: null, stripe_calls: null, note: null, finished_at: null, duration_ms: null },
    ]);
  });

  test('of one event may run side by side, and each is counted', async () => {
    await storedEvent(db, 'evt_1');
    await Promise.all(Array.from({ length: 8 }, (_, n) => beginAttempt(db, 'evt_1', `worker ${n}`, () => 0)));
    expect(await event()).toMatchObject({ attempts: 8 });
    expect(await attempts()).toHaveLength(8);
  });

  test.each([
    ['error', 'no connection'],
    ['busy', null],
    ['rate_limited', null],
  ] as const)('that end with %s leave the event open, and its last error is %s', async (ended, last_error) => {
    await storedEvent(db, 'evt_1');
    await endAttempt(db, await beginAttempt(db, 'evt_1', 'w', () => 3), ended, 'no connection');
    expect(await event()).toMatchObject({ outcome: null, last_error, attempts: 1 });
    expect(await attempts()).toMatchObject([
      { ended, note: 'no connection', stripe_calls: 3, duration_ms: expect.any(Number) },
    ]);
  });
});

describe('outcomes', () => {
  test.each(['processed', 'ignored', 'review'] as const)('%s closes event and attempt together', async (outcome) => {
    await storedEvent(db, 'evt_1');
    const attempt = await beginAttempt(db, 'evt_1', 'w', () => 5);
    await finishEvent(db, attempt, { outcome, reason: 'because', paymentIntent: 'pi_1' });
    expect(await event()).toMatchObject({ outcome, reason: 'because', payment_intent: 'pi_1' });
    expect(await attempts()).toMatchObject([{ ended: outcome, note: 'because', stripe_calls: 5 }]);
  });

  test('a success after failures forgets the last error and keeps what payment it was', async () => {
    await storedEvent(db, 'evt_1');
    await endAttempt(db, await beginAttempt(db, 'evt_1', 'w', () => 1), 'error', 'timeout');
    await finishEvent(db, await beginAttempt(db, 'evt_1', 'w', () => 1), {
      outcome: 'review',
      reason: 'gave up',
      paymentIntent: 'pi_1',
    });
    expect(await event()).toMatchObject({ outcome: 'review', last_error: 'timeout', payment_intent: 'pi_1' });
    await finishEvent(db, await beginAttempt(db, 'evt_1', 'w', () => 1), {
      outcome: 'processed',
      reason: 'invoice A-1',
    });
    expect(await event()).toMatchObject({
      outcome: 'processed',
      last_error: null,
      payment_intent: 'pi_1',
      attempts: 3,
    });
  });

  test('an outcome that does not exist is refused by the schema', async () => {
    await storedEvent(db, 'evt_1');
    await expect(rows(db, `UPDATE stripe_events SET outcome = 'done', outcome_at = now()`)).rejects.toThrow(
      'stripe_events_outcome',
    );
    await expect(rows(db, `UPDATE stripe_events SET outcome = 'processed'`)).rejects.toThrow('outcome_has_time');
  });
});

describe('the events that a sweeper takes', () => {
  test('are old enough, have no outcome and somebody who listens', async () => {
    await storedEvent(db, 'evt_old', { ageSeconds: 31 });
    await storedEvent(db, 'evt_young', { ageSeconds: 29 });
    await storedEvent(db, 'evt_done', { ageSeconds: 31, outcome: 'processed' });
    await storedEvent(db, 'evt_unheard', { ageSeconds: 31, queue: null });
    expect(await takeUnfinished(db, { afterSeconds: 30, limit: 10, knownTypes: [] })).toEqual([
      { id: 'evt_old', type: 'payment_intent.succeeded', queue: 'invoicing' },
    ]);
  });

  test('are left alone until their time comes again', async () => {
    await storedEvent(db, 'evt_1', { ageSeconds: 100 });
    expect(await takeUnfinished(db, { afterSeconds: 30, limit: 10, knownTypes: [] })).toHaveLength(1);
    expect(await takeUnfinished(db, { afterSeconds: 30, limit: 10, knownTypes: [] })).toHaveLength(0);
    await rows(db, `UPDATE stripe_events SET swept_at = now() - interval '31 seconds'`);
    expect(await takeUnfinished(db, { afterSeconds: 30, limit: 10, knownTypes: [] })).toHaveLength(1);
  });

  test('are the oldest first, and those never looked at before the others', async () => {
    for (const n of [3, 1, 2]) await storedEvent(db, `evt_${n}`, { ageSeconds: 1_000 - n });
    await rows(db, `UPDATE stripe_events SET swept_at = now() - interval '60 seconds' WHERE id = 'evt_1'`);
    const taken = async () =>
      (await takeUnfinished(db, { afterSeconds: 30, limit: 1, knownTypes: [] })).map(({ id }) => id);
    expect([await taken(), await taken(), await taken(), await taken()]).toEqual([['evt_2'], ['evt_3'], ['evt_1'], []]);
  });

  test('are shared by several sweepers without one being taken twice', async () => {
    await rows(
      db,
      `INSERT INTO stripe_events (id, type, livemode, created, payload, queue, received_at)
       SELECT 'evt_' || n, 'charge.succeeded', false, now(), '{}', 'invoicing', now() - interval '1 minute'
       FROM generate_series(1, 2000) n`,
    );
    const taken: string[] = [];
    const sweeper = async () => {
      for (;;) {
        const events = await takeUnfinished(db, { afterSeconds: 30, limit: 70, knownTypes: [] });
        if (events.length === 0) return;
        expect(events.length).toBeLessThanOrEqual(70);
        taken.push(...events.map(({ id }) => id));
      }
    };
    await Promise.all([sweeper(), sweeper(), sweeper(), sweeper()]);
    expect(new Set(taken).size).toBe(taken.length);
    expect(taken).toHaveLength(2_000);
  });
});
