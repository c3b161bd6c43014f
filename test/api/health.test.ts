import { Redis } from 'ioredis';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { MIGRATIONS_TABLE } from '../../db/knexfile.ts';
import { rows } from '../../src/platform/db.ts';
import { apiUnderTest } from '../support/api.ts';
import { freshDatabase } from '../support/database.ts';
import { until } from '../support/eventually.ts';
import { startApi } from '../support/served.ts';
import { storedEvent } from '../support/stored-events.ts';
import { startPrivateRedis } from '../support/stores.ts';

const redis = await startPrivateRedis();
const { api, db, settings } = await apiUnderTest({ REDIS_URL: redis.url });

async function ready(url = api.url) {
  const answer = await fetch(`${url}/readyz`);
  return { status: answer.status, ...(await answer.json()) };
}
const ok = { database: 'ok', migrations: 'ok', redis: 'ok', queues: 'ok', lag: 'ok', release: 'ok', dependents: 'ok' };

test('/healthz says that the process is alive', async () => {
  const answer = await fetch(`${api.url}/healthz`);
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'alive' }]);
});

describe('/readyz', () => {
  afterEach(() => rows(db, 'TRUNCATE stripe_events CASCADE'));

  test('is ready when database, migrations, Redis and lag are as they should be', async () => {
    await until(async () => (await ready()).checks.redis === 'ok');
    expect(await ready()).toEqual({ status: 200, ready: true, checks: ok, lagSeconds: 0 });
  });

  test('shows the age of the oldest unfinished event, and complains of a quarter of an hour', async () => {
    await storedEvent(db, 'evt_1', { ageSeconds: 60 });
    await storedEvent(db, 'evt_2', { ageSeconds: 9_000, outcome: 'processed' });
    expect(await ready()).toMatchObject({ status: 200, checks: { lag: 'ok' }, lagSeconds: expect.closeTo(60, -1) });
    await storedEvent(db, 'evt_3', { ageSeconds: 1_000 });
    expect(await ready()).toMatchObject({
      status: 200,
      checks: { lag: expect.stringMatching(/^the oldest unfinished event waits for 1\d\d\d s: look at the workers$/) },
    });
  });

  test('names the types that only a newer release knows; they are no lag, and no reason to refuse webhooks', async () => {
    await storedEvent(db, 'evt_1', { type: 'invoice.paid', ageSeconds: 9_000 });
    await storedEvent(db, 'evt_2', { type: 'invoice.paid', ageSeconds: 9_000 });
    await rows(db, 'UPDATE stripe_events SET awaits_release_since = now()');
    expect(await ready()).toMatchObject({
      status: 200,
      checks: {
        lag: 'ok',
        release: '2 events of types that this release does not know wait for a newer one: invoice.paid',
      },
      lagSeconds: 0,
    });
    expect(await (await fetch(`${api.url}/metrics`)).text()).toMatch(/^quittance_events_awaiting_release 2$/m);
  });

  test('is not ready while migrations are missing, and says what to type', async () => {
    await rows(db, `DELETE FROM ${MIGRATIONS_TABLE} WHERE name = '0003_review_items'`);
    expect(await ready()).toMatchObject({
      status: 503,
      ready: false,
      checks: { database: 'ok', migrations: '1 migrations are not applied: npm run migrate' },
    });
    await rows(
      db,
      `INSERT INTO ${MIGRATIONS_TABLE} (name, batch, migration_time) VALUES ('0003_review_items', 1, now())`,
    );
    expect(await ready()).toMatchObject({ status: 200 });
  });

  test('says the same of a database that was never migrated', async () => {
    const { url } = await freshDatabase();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await client.end();
    const empty = await startApi({ ...settings, DATABASE_URL: url });
    expect(await ready(empty.url)).toMatchObject({
      status: 503,
      checks: {
        database: 'ok',
        migrations: expect.stringMatching(/^\d+ migrations are not applied: npm run migrate$/),
      },
    });
    await empty.stop();
  });

  test('names the part that does not answer, and keeps the details for the log, once', async () => {
    const { url, drop } = await freshDatabase();
    const lost = await startApi({ ...settings, DATABASE_URL: url });
    await drop();
    for (let look = 0; look < 3; look += 1) {
      const answer = await ready(lost.url);
      expect(answer).toMatchObject({
        status: 503,
        ready: false,
        checks: {
          database: 'does not answer: look at Postgres, and at the log of this process',
          migrations: 'not known while the database does not answer',
        },
      });
      expect(JSON.stringify(answer)).not.toContain(new URL(url).pathname.slice(1));
    }
    const told = lost.logs().match(/"part":"database"/g);
    expect(told).toHaveLength(1);
    expect(lost.logs()).toContain('does not exist');
    await lost.stop();
  });

  test('complains of a Redis that may evict jobs, without refusing webhooks for it', async () => {
    const admin = new Redis(redis.url);
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    expect(await ready()).toMatchObject({
      status: 200,
      checks: { redis: 'maxmemory-policy is allkeys-lru: set it to noeviction, or jobs get lost' },
    });
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
    admin.disconnect();
  });
});

describe('/metrics', () => {
  afterEach(() => rows(db, 'TRUNCATE stripe_events CASCADE'));

  const metrics = async () => (await fetch(`${api.url}/metrics`)).text();

  test('tells events, lag, open questions and jobs, in the format of Prometheus', async () => {
    await storedEvent(db, 'evt_1', { ageSeconds: 60 });
    await storedEvent(db, 'evt_2', { outcome: 'processed' });
    const answer = await fetch(`${api.url}/metrics`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await answer.text();
    expect(text).toMatch(/^quittance_events_unfinished 1$/m);
    expect(text).toMatch(/^quittance_events_lag_seconds 6\d$/m);
    expect(text).toMatch(/^# TYPE quittance_events_total counter$/m);
    expect(text).toMatch(/^quittance_events_total\{outcome="review"\} 0$/m);
    expect(text).toMatch(/^quittance_review_items_open 0$/m);
    expect(text).toMatch(/^quittance_jobs\{queue="invoicing",state="waiting"\} 0$/m);
    expect(text).toMatch(/^quittance_process_cpu_seconds_total /m);
  });

  const processed = async () =>
    Number(/^quittance_events_total\{outcome="processed"\} (\d+)$/m.exec(await metrics())?.[1]);

  test('counts outcomes on and on: an event more, the same after a look, and one that changes its outcome', async () => {
    const before = await processed();
    await storedEvent(db, 'evt_10', { outcome: 'processed' });
    await storedEvent(db, 'evt_11', { outcome: 'review' });
    expect(await processed()).toBe(before + 1);
    expect(await processed()).toBe(before + 1);
    await rows(db, `UPDATE stripe_events SET outcome = 'processed'`);
    expect(await processed()).toBe(before + 2);
  });

  test('a figure that can not be read is missing, not left as it was, and the others are told', async () => {
    await rows(db, 'ALTER TABLE event_outcomes RENAME TO away');
    const without = await metrics();
    await rows(db, 'ALTER TABLE away RENAME TO event_outcomes');
    expect(without).not.toMatch(/^quittance_events_total\{/m);
    expect(without).toMatch(/^quittance_review_items_open 0$/m);
    expect(await processed()).toBeGreaterThan(0);
  });

  test('while Redis is away, everything else is told', async () => {
    await redis.kill();
    await until(async () => !(await metrics()).includes('quittance_jobs{'));
    expect(await metrics()).toMatch(/^quittance_events_unfinished 0$/m);
    await redis.start();
    await until(async () => (await metrics()).includes('quittance_jobs{'));
  });
});
