import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, test } from 'vitest';
import { freshDatabase } from './database.ts';
import { until } from './eventually.ts';
import { freshRedis } from './redis.ts';
import { startPrivatePostgres, startPrivateRedis } from './stores.ts';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // the query that fails tells
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function onRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { retryStrategy: null, maxRetriesPerRequest: 0 });
  redis.on('error', () => {}); // the command that fails tells
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

test('databases made at the same time are separate, and gone after drop', async () => {
  const databases = await Promise.all(Array.from({ length: 5 }, freshDatabase));
  expect(new Set(databases.map(({ url }) => url)).size).toBe(5);
  const [first, second] = databases;
  if (!first || !second) throw new Error('Bug: five databases were made');
  await query(first.url, 'create table mark (n int)');
  await expect(query(second.url, 'select * from mark')).rejects.toThrow('does not exist');
  await first.drop();
  await expect(query(first.url, 'select 1')).rejects.toThrow('does not exist');
});

test('Redis databases are separate, empty, and flushed when returned', async () => {
  const [first, second] = await Promise.all([freshRedis(), freshRedis()]);
  expect(first.url).not.toBe(second.url);
  await onRedis(first.url, (redis) => redis.set('mark', '1'));
  expect(await onRedis(second.url, (redis) => redis.dbsize())).toBe(0);
  await first.release();
  expect(await onRedis(first.url, (redis) => redis.dbsize())).toBe(0);
});

test('a private Postgres keeps what was committed through a crash, on the same port', async () => {
  const postgres = await startPrivatePostgres();
  await query(postgres.url, 'create table mark as select 42 as n');
  const before = postgres.pid();
  await postgres.restart('SIGKILL');
  expect(postgres.pid()).not.toBe(before);
  expect(await query(postgres.url, 'select n from mark')).toEqual([{ n: 42 }]);
});

test('a private Redis hangs while it is paused, and keeps its keys through a crash', async () => {
  const server = await startPrivateRedis();
  await onRedis(server.url, (redis) => redis.set('mark', '42'));
  await onRedis(server.url, async (redis) => {
    await redis.ping();
    server.pause();
    let answered = false;
    const waiting = redis.ping().then(() => {
      answered = true;
    });
    await expect(until(() => answered, { timeout: 200 })).rejects.toThrow('Not within');
    server.resume();
    await waiting;
  });
  await server.kill();
  await expect(onRedis(server.url, (redis) => redis.ping())).rejects.toThrow();
  await server.start();
  expect(await onRedis(server.url, (redis) => redis.get('mark'))).toBe('42');
});
