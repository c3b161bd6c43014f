import { Redis } from 'ioredis';
import { afterAll, describe, expect, test } from 'vitest';
import { runProgram } from '../../bin/lib/processes.ts';
import { firstRow } from '../../src/platform/db.ts';
import { apiUnderTest } from '../support/api.ts';
import { eventBody } from '../support/events.ts';
import { until } from '../support/eventually.ts';
import { startApi, startWorker } from '../support/served.ts';
import { startPrivatePostgres, startPrivateRedis } from '../support/stores.ts';
import { deliver } from '../support/webhooks.ts';

const [postgres, redis] = await Promise.all([startPrivatePostgres(), startPrivateRedis()]);
runProgram('dist/db/migrate.js', [], { DATABASE_URL: postgres.url });
const sweep = { SWEEP_AFTER_SECONDS: '1', SWEEP_EVERY_SECONDS: '1' };
const { api, db, settings } = await apiUnderTest({ DATABASE_URL: postgres.url, REDIS_URL: redis.url, ...sweep });
// It only sweeps: the jobs stay where one can see them.
await startWorker(['maintenance'], settings);

const look = new Redis(redis.url, { maxRetriesPerRequest: 1 });
look.on('error', () => {}); // it is away on purpose
afterAll(() => look.disconnect());
const hasJob = async (id: string) => (await look.exists(`quittance:invoicing:${id}`)) === 1;
const isStored = async (id: string) =>
  (await firstRow(db, 'SELECT FROM stripe_events WHERE id = ?', [id])) !== undefined;

/** Delivers an event and returns how it was answered, and after how many milliseconds. */
async function send(id: string, url = api.url): Promise<{ status: number; retryAfter: string | null; ms: number }> {
  const began = performance.now();
  const answer = await deliver(url, eventBody(id));
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), ms: performance.now() - began };
}

test('with everything up an event is answered, stored and enqueued', async () => {
  expect(await send('evt_plain')).toMatchObject({ status: 200, retryAfter: null });
  await until(() => hasJob('evt_plain'));
});

describe('without Postgres', () => {
  test('an event is answered with 503 and when to come again, and is taken when it comes', async () => {
    await postgres.stop();
    expect(await send('evt_refused')).toMatchObject({ status: 503, retryAfter: '5' });
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => send(`evt_refused${n}`)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(503));
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${api.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({
      ready: false,
      checks: { database: expect.stringContaining('look at Postgres') },
    });

    await postgres.start();
    await until(async () => (await send('evt_refused')).status === 200);
    expect(await isStored('evt_refused')).toBe(true);
    expect(await isStored('evt_refused1')).toBe(false);
    await until(async () => (await fetch(`${api.url}/readyz`)).status === 200);
  });

  test('that does not get to it, an event is answered with 503 in time; its next delivery finds what was stored after all', async () => {
    const lock = await db.transaction();
    await lock.raw('LOCK TABLE stripe_events');
    const { status, retryAfter, ms } = await send('evt_late');
    expect({ status, retryAfter }).toEqual({ status: 503, retryAfter: '5' });
    expect(ms).toBeLessThan(15_000);
    await lock.commit();
    await until(() => isStored('evt_late'));
    expect(await send('evt_late')).toMatchObject({ status: 200 });
  });
});

describe('without Redis', () => {
  test('that is gone, an event is answered at once, and gets its job when Redis is back', async () => {
    await redis.kill();
    expect(await send('evt_gone')).toMatchObject({ status: 200 });
    expect(await isStored('evt_gone')).toBe(true);
    const ready = await fetch(`${api.url}/readyz`);
    expect([ready.status, (await ready.json()).checks.redis]).toEqual([200, expect.not.stringMatching(/^(ok)?$/)]);
    await redis.start();
    await until(() => hasJob('evt_gone'), { timeout: 15_000 });
  });

  test('that hangs, an event is answered at once, and gets its job when Redis goes on', async () => {
    await until(async () => (await send('evt_before')).status === 200 && hasJob('evt_before'), { timeout: 15_000 });
    redis.pause();
    // One that waited for Redis would take half a second, each time; a busy machine is not busy each time.
    const answers = [await send('evt_hangs'), await send('evt_hangs1'), await send('evt_hangs2')];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(Math.min(...answers.map(({ ms }) => ms))).toBeLessThan(400);
    expect(await isStored('evt_hangs')).toBe(true);
    redis.resume();
    await until(() => hasJob('evt_hangs'), { timeout: 15_000 });
  });

  test('that was never there, an api starts and receives; it uses Redis when there is one', async () => {
    await redis.stop();
    const late = await startApi(settings);
    expect(await send('evt_early', late.url)).toMatchObject({ status: 200 });
    const metrics = await (await fetch(`${late.url}/metrics`)).text();
    expect(metrics).toMatch(/^quittance_events_unfinished \d+$/m);
    await redis.start();
    await until(() => hasJob('evt_early'), { timeout: 15_000 });
    let n = 0;
    await until(async () => {
      n += 1;
      await send(`evt_direct${n}`, late.url);
      return until(() => hasJob(`evt_direct${n}`), { timeout: 300 });
    });
  });
});
