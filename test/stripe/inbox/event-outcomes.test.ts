import { beforeEach, describe, expect, test } from 'vitest';
import { connect, firstRow, rows } from '../../../src/platform/db.ts';
import { addUpOutcomes, outcomesGiven } from '../../../src/stripe/inbox/event-outcomes.ts';
import { endAttempt, finishEvent, type Outcome, takeUnfinished } from '../../../src/stripe/inbox/events.ts';
import { beginAttempt } from '../../support/begun-attempts.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { freshDatabase } from '../../support/database.ts';
import { storedEvent } from '../../support/stored-events.ts';

const db = connect((await freshDatabase()).url, { name: 'test', connections: 8 });
releaseAfterFile(() => db.destroy());
beforeEach(() => rows(db, 'TRUNCATE stripe_events, event_outcomes CASCADE'));

const finish = async (id: string, outcome: Outcome['outcome']) =>
  finishEvent(db, await beginAttempt(db, id, 'w', () => 0), { outcome, reason: 'because' });
const rowsLeft = async () => (await firstRow<{ count: number }>(db, 'SELECT count(*) FROM event_outcomes'))?.count;

describe('outcomes that are given', () => {
  test('are none before there are events', async () => {
    expect(await outcomesGiven(db)).toEqual({ processed: 0, ignored: 0, review: 0 });
  });

  test('count when they are given, not when the event arrives, is tried, or is looked after', async () => {
    await storedEvent(db, 'evt_1', { ageSeconds: 60 });
    await endAttempt(db, await beginAttempt(db, 'evt_1', 'w', () => 0), 'error', 'timeout');
    await takeUnfinished(db, { afterSeconds: 30, limit: 10, knownTypes: [] });
    expect(await outcomesGiven(db)).toEqual({ processed: 0, ignored: 0, review: 0 });
    await finish('evt_1', 'processed');
    expect(await outcomesGiven(db)).toEqual({ processed: 1, ignored: 0, review: 0 });
  });

  test('count for an event that nobody listens to as soon as it is stored', async () => {
    await storedEvent(db, 'evt_1', { queue: null, outcome: 'ignored' });
    expect(await outcomesGiven(db)).toMatchObject({ ignored: 1 });
  });

  test('count once for an event that arrives again', async () => {
    const again = `INSERT INTO stripe_events (id, type, livemode, created, payload, outcome, outcome_at)
      VALUES ('evt_1', 'charge.updated', false, now(), '{}', 'ignored', now()) ON CONFLICT (id) DO NOTHING`;
    await rows(db, again);
    await rows(db, again);
    expect(await outcomesGiven(db)).toMatchObject({ ignored: 1 });
  });

  test('count again when an event comes to another outcome, but not to the same', async () => {
    await storedEvent(db, 'evt_1');
    await finish('evt_1', 'review');
    await finish('evt_1', 'review');
    await finish('evt_1', 'processed');
    expect(await outcomesGiven(db)).toEqual({ processed: 1, ignored: 0, review: 1 });
  });

  test('count again when an event is reopened and done anew', async () => {
    await storedEvent(db, 'evt_1');
    await finish('evt_1', 'ignored');
    await rows(db, 'UPDATE stripe_events SET outcome = NULL, outcome_at = NULL');
    expect(await outcomesGiven(db)).toMatchObject({ ignored: 1 });
    await finish('evt_1', 'ignored');
    expect(await outcomesGiven(db)).toMatchObject({ ignored: 2 });
  });

  test('do not count when their transaction is rolled back', async () => {
    await storedEvent(db, 'evt_1');
    const change = db.transaction(async (trx) => {
      await rows(trx, `UPDATE stripe_events SET outcome = 'processed', outcome_at = now()`);
      throw new Error('changed my mind');
    });
    await expect(change).rejects.toThrow('changed my mind');
    expect(await outcomesGiven(db)).toMatchObject({ processed: 0 });
  });
});

describe('adding up', () => {
  test('leaves one row for each outcome, and the figures as they were', async () => {
    for (let n = 0; n < 5; n += 1) await storedEvent(db, `evt_${n}`, { outcome: n < 3 ? 'processed' : 'review' });
    await addUpOutcomes(db, 0);
    expect([await rowsLeft(), await outcomesGiven(db)]).toEqual([2, { processed: 3, ignored: 0, review: 2 }]);
    await storedEvent(db, 'evt_9', { outcome: 'processed' });
    await addUpOutcomes(db, 0);
    expect([await rowsLeft(), await outcomesGiven(db)]).toEqual([2, { processed: 4, ignored: 0, review: 2 }]);
  });

  test('waits until it is worth it', async () => {
    for (let n = 0; n < 5; n += 1) await storedEvent(db, `evt_${n}`, { outcome: 'processed' });
    await addUpOutcomes(db, 6);
    expect(await rowsLeft()).toBe(5);
    await addUpOutcomes(db, 5);
    expect(await rowsLeft()).toBe(1);
  });

  test('by several at once, while events end, loses none and counts none twice', async () => {
    let given = 0;
    const events = async (who: number) => {
      for (let n = 0; n < 40; n += 1) {
        await storedEvent(db, `evt_${who}_${n}`, { outcome: 'processed' });
        given += 1;
      }
    };
    const adding = async () => {
      for (let n = 0; n < 30; n += 1) await addUpOutcomes(db, 0);
    };
    const looking = async () => {
      for (let n = 0; n < 60; n += 1) {
        const before = given;
        const { processed } = await outcomesGiven(db);
        expect(processed).toBeGreaterThanOrEqual(before);
        expect(processed).toBeLessThanOrEqual(120);
      }
    };
    await Promise.all([events(1), events(2), events(3), adding(), adding(), looking()]);
    expect(await outcomesGiven(db)).toMatchObject({ processed: 120 });
  });
});
