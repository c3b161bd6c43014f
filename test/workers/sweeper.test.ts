import { afterAll, beforeEach, expect, test } from 'vitest';
import { jobQueues } from '../../src/jobs/enqueue.ts';
import { connect, rows } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { signalConnection } from '../../src/platform/redis.ts';
import { sweeper } from '../../src/workers/sweeper.ts';
import { freshDatabase } from '../support/database.ts';
import { until } from '../support/eventually.ts';
import { freshRedis } from '../support/redis.ts';
import { storedEvent } from '../support/stored-events.ts';

const log = createLog('error');
const db = connect((await freshDatabase()).url, { name: 'test', connections: 4 });
const store = await freshRedis();
const redis = signalConnection(store.url, log);
const jobs = jobQueues(redis, 'test', () => {});
afterAll(async () => {
  await jobs.close();
  redis.disconnect();
  await db.destroy();
});
beforeEach(async () => {
  await rows(db, 'TRUNCATE stripe_events CASCADE');
  await store.flush();
  await until(() => redis.status === 'ready');
});
const { runOnce } = sweeper(db, jobs, log, 30);
const waiting = async () => (await jobs.counts()).invoicing.waiting;

test('events whose signal was lost get their jobs, and a second round finds nothing to do', async () => {
  await storedEvent(db, 'evt_1', { ageSeconds: 60 });
  await storedEvent(db, 'evt_2', { ageSeconds: 60 });
  await storedEvent(db, 'evt_young', { ageSeconds: 5 });
  expect([await runOnce(), await waiting()]).toEqual([2, 2]);
  expect([await runOnce(), await waiting()]).toEqual([0, 2]);
});

test('when Redis was emptied they get them again, once their time has come', async () => {
  await storedEvent(db, 'evt_1', { ageSeconds: 60 });
  await runOnce();
  await store.flush();
  expect(await runOnce()).toBe(0);
  await rows(db, `UPDATE stripe_events SET swept_at = now() - interval '31 seconds'`);
  expect([await runOnce(), await waiting()]).toEqual([1, 1]);
});

test('several sweepers start each job once', async () => {
  for (let n = 0; n < 20; n++) await storedEvent(db, `evt_${n}`, { ageSeconds: 60 });
  const started = await Promise.all([runOnce(), runOnce(), runOnce()]);
  expect(started.reduce((sum, count) => sum + count, 0)).toBe(20);
  expect(await waiting()).toBe(20);
});

const awaiting = async () =>
  (
    await rows<{ id: string }>(db, 'SELECT id FROM stripe_events WHERE awaits_release_since IS NOT NULL ORDER BY id')
  ).map(({ id }) => id);

test('a queue that only another release has holds up nobody: its events are left to that', async () => {
  await storedEvent(db, 'evt_1', { ageSeconds: 60, queue: 'faxes' });
  await storedEvent(db, 'evt_2', { ageSeconds: 60 });
  expect(await runOnce()).toBe(1);
  expect(await awaiting()).toEqual(['evt_1']);
});

test('what was left to a newer release is swept by one that knows the type, and by no other', async () => {
  await storedEvent(db, 'evt_known', { ageSeconds: 60 });
  await storedEvent(db, 'evt_thin', { ageSeconds: 60, type: 'v1.charge.succeeded' });
  await storedEvent(db, 'evt_unknown', { ageSeconds: 60, type: 'invoice.overpaid' });
  await rows(db, 'UPDATE stripe_events SET awaits_release_since = now()');
  expect(await runOnce()).toBe(2);
  expect(await jobs.queues.invoicing.getJob('evt_unknown')).toBeUndefined();
  await rows(db, `UPDATE stripe_events SET swept_at = now() - interval '1 hour'`);
  expect(await runOnce(), 'they have their jobs').toBe(0);
});

test('a round without Redis ends with nothing done, and a later one does it', async () => {
  await storedEvent(db, 'evt_1', { ageSeconds: 60 });
  const away = signalConnection('redis://127.0.0.1:1', log);
  const without = jobQueues(away, 'test', () => {});
  expect(await sweeper(db, without, log, 30).runOnce()).toBe(0);
  await without.close();
  away.disconnect();
  await rows(db, `UPDATE stripe_events SET swept_at = now() - interval '31 seconds'`);
  expect(await runOnce()).toBe(1);
});
