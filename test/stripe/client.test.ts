import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { FaultRule } from '../../simulator/core/faults.ts';
import { startSimulator } from '../../simulator/simulator.ts';
import { verdictOn } from '../../src/billing/retry-policy.ts';
import { RateLimitedError } from '../../src/platform/errors.ts';
import { countingStripeCalls, createStripe, STRIPE_API_VERSION } from '../../src/stripe/client.ts';
import { unlimited } from '../../src/stripe/limiter.ts';
import { until } from '../support/eventually.ts';

const key = 'sk_test_client';
const simulator = await startSimulator({ keys: [key] });
afterAll(() => simulator.close());
beforeEach(() => simulator.world.firstAccount().reset());

const turns: string[] = [];
const stripeWith = (limiter = unlimited, secretKey = key) =>
  createStripe({ secretKey, apiBase: simulator.url, timeoutMs: 5_000, limiter });
const stripe = stripeWith({
  async turn(endpoint) {
    turns.push(endpoint);
  },
});
beforeEach(() => turns.splice(0));

const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'no failure',
    (error: unknown) => error,
  );
const missing = () => failure(stripe.invoices.retrieve('in_1missing'));

describe('requests', () => {
  test('are counted within the work that makes them, and not beyond it', async () => {
    const counts = await Promise.all(
      [1, 2, 3].map((many) =>
        countingStripeCalls(async (requests) => {
          await Promise.all(Array.from({ length: many }, missing));
          return requests();
        }),
      ),
    );
    expect(counts).toEqual([1, 2, 3]);
  });

  test('wait for their turn, by endpoint', async () => {
    await missing();
    await stripe.customers.create({ name: 'Ada' });
    expect(turns).toEqual(['GET /v1/invoices/:id', 'POST /v1/customers']);
  });

  test('that are repeated wait and count again, and use the same key', async () => {
    simulator.world.firstAccount().faults.add({ kind: 'drop', path: '/v1/customers', count: 1 });
    const requests = await countingStripeCalls(async (counted) => {
      await stripe.customers.create({ name: 'Ada' });
      return counted();
    });
    expect(requests).toBe(2);
    expect(turns).toEqual(['POST /v1/customers', 'POST /v1/customers']);
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });

  test('say which version they speak', async () => {
    const customer = await stripe.customers.create({ name: 'Ada' });
    expect(customer.lastResponse.apiVersion).toBe(STRIPE_API_VERSION);
  });
});

/** Repeats of the library are another matter, and take their time. */
const once = { maxNetworkRetries: 0 };

describe('what the retry policy makes of', () => {
  test.each<[string, FaultRule, object]>([
    ['429', { kind: 'rate_limit', path: '*' }, { kind: 'pause' }],
    ['429 of a lock', { kind: 'lock_timeout', path: '*' }, { kind: 'later' }],
    ['500', { kind: 'error_before', path: '*' }, { kind: 'away', whose: 'stripe' }],
    ['a reset connection', { kind: 'reset', path: '*' }, { kind: 'away', whose: 'stripe' }],
  ])('%s', async (_what, fault, verdict) => {
    simulator.world.firstAccount().faults.add(fault);
    expect(verdictOn(await failure(stripe.customers.create({ name: 'Ada' }, once)))).toMatchObject(verdict);
  });

  test('a wrong key, a missing object, and a key that was used otherwise', async () => {
    expect(verdictOn(await failure(stripeWith(unlimited, 'sk_test_wrong').customers.list()))).toEqual({
      kind: 'away',
      whose: 'key',
    });
    expect(verdictOn(await missing())).toEqual({ kind: 'review' });
    await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'one' });
    expect(verdictOn(await failure(stripe.customers.create({ name: 'Bob' }, { idempotencyKey: 'one' })))).toEqual({
      kind: 'review',
    });
  });

  test('a key that is in flight', async () => {
    simulator.world.firstAccount().faults.add({ kind: 'latency', path: '*', ms: 1_500, count: 1 });
    const twice = { ...once, idempotencyKey: 'two' };
    const slow = stripe.customers.create({ name: 'Ada' }, twice);
    await until(() => JSON.stringify(simulator.world.firstAccount().faults.list()).includes('"hits":1'));
    const error = await failure(stripe.customers.create({ name: 'Ada' }, twice));
    expect(error).toMatchObject({ code: 'idempotency_key_in_use' });
    expect(verdictOn(error)).toEqual({ kind: 'retry' });
    await slow;
  });

  test('our own limiter, through the library', async () => {
    const refusing = stripeWith({ turn: () => Promise.reject(new RateLimitedError('used up', 420)) });
    expect(verdictOn(await failure(refusing.customers.list({}, once)))).toEqual({ kind: 'pause', ms: 420 });
  });
});
