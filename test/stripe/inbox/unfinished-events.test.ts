import { beforeEach, expect, test } from 'vitest';
import { connect, rows } from '../../../src/platform/db.ts';
import { COUNTED_AT_MOST, lagSeconds, unfinishedEvents } from '../../../src/stripe/inbox/unfinished-events.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { freshDatabase } from '../../support/database.ts';
import { storedEvent } from '../../support/stored-events.ts';

const db = connect((await freshDatabase()).url, { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());
beforeEach(() => rows(db, 'TRUNCATE stripe_events CASCADE'));

test('nothing waits when every event has its outcome', async () => {
  await storedEvent(db, 'evt_1', { outcome: 'review', ageSeconds: 900 });
  expect(await unfinishedEvents(db)).toEqual({ count: 0, failing: 0, lagSeconds: 0, awaitingRelease: 0 });
  expect(await lagSeconds(db)).toBe(0);
});

test('what waits is counted, and among it what failed; the oldest tells how long', async () => {
  await storedEvent(db, 'evt_1', { ageSeconds: 20 });
  await storedEvent(db, 'evt_2', { ageSeconds: 70 });
  await rows(db, `UPDATE stripe_events SET last_error = 'timeout' WHERE id = 'evt_1'`);
  expect(await unfinishedEvents(db)).toEqual({
    count: 2,
    failing: 1,
    lagSeconds: expect.closeTo(70, -1),
    awaitingRelease: 0,
  });
  expect(await lagSeconds(db)).toBeCloseTo(70, -1);
});

test('what is left to a newer release is told apart: no worker of this one can lessen it', async () => {
  await storedEvent(db, 'evt_1', { ageSeconds: 20 });
  await storedEvent(db, 'evt_2', { ageSeconds: 7_000 });
  await rows(db, `UPDATE stripe_events SET awaits_release_since = now(), last_error = 'x' WHERE id = 'evt_2'`);
  expect(await unfinishedEvents(db)).toEqual({
    count: 1,
    failing: 0,
    lagSeconds: expect.closeTo(20, -1),
    awaitingRelease: 1,
  });
  expect(await lagSeconds(db)).toBeCloseTo(20, -1);
});

test('a count stops where looking would take long, and still knows the oldest', async () => {
  await rows(
    db,
    `INSERT INTO stripe_events (id, type, livemode, created, payload, queue, received_at)
     SELECT 'evt_' || n, 'charge.succeeded', false, now(), '{}', 'invoicing', now() - make_interval(secs => n)
     FROM generate_series(1, ?) n`,
    [COUNTED_AT_MOST + 100],
  );
  expect(await unfinishedEvents(db)).toMatchObject({
    count: COUNTED_AT_MOST,
    lagSeconds: expect.closeTo(COUNTED_AT_MOST + 100, -2),
  });
});
