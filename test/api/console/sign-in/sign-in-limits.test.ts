import { Redis } from 'ioredis';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Guess, type SignInLimits, signInLimits } from '../../../../src/api/console/sign-in/sign-in-limits.ts';
import { releaseAfterFile } from '../../../support/clean-up.ts';
import { freshRedis } from '../../../support/redis.ts';

const { url, flush } = await freshRedis();
const redis = new Redis(url);
releaseAfterFile(async () => redis.disconnect());

/** A wait is over when the pace has a free place again: nobody really waits. */
let waits: number[] = [];
const pass = async (ms: number): Promise<void> => {
  waits.push(ms);
  await redis.del('t-login-pace:ada', 't-login-pace:nobody');
};
/** Somebody else is always faster. */
const inVain = async (ms: number): Promise<void> => void waits.push(ms);

beforeEach(async () => {
  await flush();
  waits = [];
});

let senders = 0;
const stranger = (name = 'ada'): Guess => {
  senders += 1;
  return { name, sender: `2001:db8:0:${senders}::/64`, browser: undefined };
};
const fail = async (limits: SignInLimits, times: number, name = 'ada') => {
  for (let n = 0; n < times; n += 1) expect(await limits.take(stranger(name))).toBeUndefined();
};

describe('guesses for one name from ever new addresses', () => {
  test('are let through twenty times, and then wait for their turn', async () => {
    const limits = signInLimits(redis, 't', pass);
    await fail(limits, 21);
    expect(waits).toEqual([]);
    await fail(limits, 3);
    expect(waits).toHaveLength(3);
    for (const ms of waits) expect(ms).toBeGreaterThanOrEqual(1_500);
  });

  test('are refused for some seconds, not longer, where too many wait', async () => {
    const limits = signInLimits(redis, 't', inVain);
    await fail(limits, 21);
    const refused = await limits.take(stranger());
    expect(refused).toEqual({ seconds: expect.any(Number), because: 'name' });
    expect(refused?.seconds).toBeLessThanOrEqual(3);
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(10_000);
  });

  test('use up nothing of a sender whose try was put off', async () => {
    const limits = signInLimits(redis, 't', inVain);
    await fail(limits, 21);
    const me = stranger();
    for (let n = 0; n < 40; n += 1) expect(await limits.take(me)).toMatchObject({ because: 'name' });
    await redis.del('t-login-pace:ada');
    expect(await limits.take(me)).toBeUndefined();
  });

  test('delay nobody in a browser in which the name has signed in before', async () => {
    const limits = signInLimits(redis, 't', inVain);
    await fail(limits, 21);
    expect(await limits.take(stranger())).toBeDefined();
    const known = { ...stranger(), browser: 'ada hash' };
    expect(await limits.take(known)).toBeUndefined();
    await limits.succeeded(known);
    expect(waits.length).toBeGreaterThan(0);
  });

  test('are the same for a name that nobody has', async () => {
    const limits = signInLimits(redis, 't', inVain);
    await fail(limits, 21, 'nobody');
    expect(await limits.take(stranger('nobody'))).toMatchObject({ because: 'name' });
    expect(await limits.take(stranger('ada'))).toBeUndefined();
  });

  test('one that succeeds gives back its own try alone', async () => {
    const limits = signInLimits(redis, 't', inVain);
    await fail(limits, 19);
    const owner = stranger();
    expect(await limits.take(owner)).toBeUndefined();
    await limits.succeeded(owner);
    await fail(limits, 2);
    expect(await limits.take(stranger())).toMatchObject({ because: 'name' });
  });
});

describe('one sender', () => {
  test('has five failures for a name, also when his colleague behind the same address is known', async () => {
    const limits = signInLimits(redis, 't', pass);
    const colleague = stranger();
    for (let n = 0; n < 5; n += 1) await limits.take(colleague);
    const refused = await limits.take(colleague);
    expect(refused).toMatchObject({ because: 'sender' });
    expect(refused?.seconds).toBeGreaterThan(800);
    expect(await limits.take({ ...colleague, browser: 'ada hash' })).toBeUndefined();
  });

  test('has five failures in a known browser as well', async () => {
    const limits = signInLimits(redis, 't', pass);
    const stolen = { ...stranger(), browser: 'ada hash' };
    for (let n = 0; n < 5; n += 1) expect(await limits.take(stolen)).toBeUndefined();
    expect(await limits.take(stolen)).toMatchObject({ because: 'sender' });
  });
});

test('without Redis a process counts by itself, the same', async () => {
  const away = new Redis({ port: 1, lazyConnect: true, enableOfflineQueue: false, retryStrategy: null });
  away.on('error', () => {});
  const limits = signInLimits(away, 't', inVain);
  const one = stranger();
  for (let n = 0; n < 5; n += 1) expect(await limits.take(one)).toBeUndefined();
  expect(await limits.take(one)).toMatchObject({ because: 'sender' });
  await fail(limits, 15);
  await limits.take(stranger());
  expect(await limits.take(stranger())).toMatchObject({ because: 'name' });
  away.disconnect();
});
