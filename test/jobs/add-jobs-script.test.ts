import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { jobAdder } from '../../src/jobs/add-jobs-script.ts';
import { stripeEventJobOptions } from '../../src/jobs/stripe-event.ts';
import { createLog } from '../../src/platform/log.ts';
import { signalConnection } from '../../src/platform/redis.ts';
import { until } from '../support/eventually.ts';
import { freshRedis } from '../support/redis.ts';

/** Our script against BullMQ's own way to add a job: whatever can be found in Redis afterwards must be the same. */
const { url, flush } = await freshRedis();
const redis = signalConnection(url, createLog('error'));
const queues = { theirs: queueNamed('theirs'), ours: queueNamed('ours') };
const add = jobAdder(redis, JSON.stringify(stripeEventJobOptions));

afterAll(async () => {
  for (const queue of Object.values(queues)) await queue.close();
  redis.disconnect();
});
beforeEach(async () => {
  await until(() => redis.status === 'ready');
  await flush();
});

function queueNamed(name: string): Queue {
  return new Queue(name, { connection: redis, prefix: 'test', defaultJobOptions: stripeEventJobOptions });
}

type Job = { id: string; type: string };
const job = (id: string, type = 'payment_intent.succeeded'): Job => ({ id, type });

/** The same jobs to both queues, each in its own way. */
async function addToBoth(...jobs: Job[]): Promise<void> {
  for (const { id, type } of jobs) await queues.theirs.add(type, { eventId: id }, { jobId: id });
  await add(queues.ours.toKey(''), jobs);
}

async function traces(queue: Queue): Promise<Record<string, unknown>> {
  const prefix = queue.toKey('');
  const found: Record<string, unknown> = {};
  for (const key of (await redis.keys(`${prefix}*`)).sort())
    found[key.slice(prefix.length)] = await traceOf(redis, key);
  return found;
}

/** What a key holds, without what differs from moment to moment, and without the id in the options of a job. */
async function traceOf(connection: Redis, key: string): Promise<unknown> {
  switch (await connection.type(key)) {
    case 'hash': {
      const { timestamp, opts, ...fields } = await connection.hgetall(key);
      const { jobId: _, ...options } = JSON.parse(opts ?? '{}');
      return { ...fields, options, timed: /^\d{13}$/.test(timestamp ?? '') };
    }
    case 'list':
      return connection.lrange(key, 0, -1);
    case 'zset':
      return connection.zrange(key, '0', '-1', 'WITHSCORES');
    case 'stream':
      // In whichever order the events of a batch come, those of one job keep theirs.
      return (await connection.xrange(key, '-', '+')).map(([, fields]) => fields.join(' ')).sort();
    default:
      return connection.get(key);
  }
}

async function expectTheSame(): Promise<void> {
  const [theirs, ours] = [await traces(queues.theirs), await traces(queues.ours)];
  expect(ours).toEqual(theirs);
}

describe('leaves what Queue.add leaves', () => {
  test('for one job', async () => {
    await addToBoth(job('evt_1'));
    await expectTheSame();
    expect(await traces(queues.ours)).toMatchObject({ evt_1: { name: 'payment_intent.succeeded', timed: true } });
  });

  test('for many, in their order', async () => {
    await addToBoth(...Array.from({ length: 30 }, (_, n) => job(`evt_${n}`, n % 2 ? 'charge.succeeded' : undefined)));
    await expectTheSame();
  });

  test('for ids that are there already, waiting or removed from the list, and for one given twice', async () => {
    await addToBoth(job('evt_1'), job('evt_2'));
    for (const queue of Object.values(queues)) await redis.lrem(queue.toKey('wait'), '1', 'evt_1');
    await addToBoth(job('evt_1'), job('evt_2', 'charge.succeeded'), job('evt_3'), job('evt_3'));
    await expectTheSame();
  });

  test('in a queue that is paused: the jobs wait, and nobody is woken', async () => {
    for (const queue of Object.values(queues)) await queue.pause();
    await addToBoth(job('evt_1'), job('evt_2'));
    await expectTheSame();
    expect(await traces(queues.ours)).not.toHaveProperty('marker');
  });

  test.each([1, 2, 3])('in a queue where two of at most %i jobs are active', async (concurrency) => {
    for (const queue of Object.values(queues)) {
      await queue.setGlobalConcurrency(concurrency);
      await redis.rpush(queue.toKey('active'), 'evt_a', 'evt_b');
    }
    await addToBoth(job('evt_1'));
    await expectTheSame();
  });

  test('in a queue that keeps fewer of its own events', async () => {
    for (const queue of Object.values(queues)) await redis.hset(queue.toKey('meta'), 'opts.maxLenEvents', '7');
    await addToBoth(...Array.from({ length: 20 }, (_, n) => job(`evt_${n}`)));
    await expectTheSame();
  });
});

test('it says how many were new', async () => {
  const prefix = queues.ours.toKey('');
  expect(await add(prefix, [job('evt_1'), job('evt_2')])).toBe(2);
  expect(await add(prefix, [job('evt_2'), job('evt_3'), job('evt_3')])).toBe(1);
});

test('a job of an event with an id of Stripe stays packed', async () => {
  const id = 'evt_1SWkq12eZvKYlo2C0a1b2c3d';
  await add(queues.ours.toKey(''), [job(id, 'charge.dispute.funds_reinstated')]);
  expect(await redis.object('ENCODING', queues.ours.toKey(id))).toMatch(/listpack|ziplist/);
});
