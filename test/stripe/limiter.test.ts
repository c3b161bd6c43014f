import { afterAll, describe, expect, test } from 'vitest';
import { createLog } from '../../src/platform/log.ts';
import { signalConnection } from '../../src/platform/redis.ts';
import { endpointOf, type StripeLimiter, stripeLimiter } from '../../src/stripe/limiter.ts';
import { until } from '../support/eventually.ts';
import { freshRedis } from '../support/redis.ts';
import { startPrivateRedis } from '../support/stores.ts';

test.each([
  ['GET', '/v1/payment_intents/pi_3Nx?expand[0]=customer', 'GET /v1/payment_intents/:id'],
  ['POST', '/v1/invoices', 'POST /v1/invoices'],
  ['POST', '/v1/invoices/in_1Nx/add_lines', 'POST /v1/invoices/:id/add_lines'],
  ['POST', '/v1/invoices/in_1Nx/attach_payment', 'POST /v1/invoices/:id/attach_payment'],
  ['GET', '/v1/checkout/sessions?payment_intent=pi_1', 'GET /v1/checkout/sessions'],
  ['GET', '/v1/checkout/sessions/cs_test_a1B2/line_items', 'GET /v1/checkout/sessions/:id/line_items'],
  ['GET', '/v1/invoice_payments?payment[type]=payment_intent', 'GET /v1/invoice_payments'],
  ['GET', '/v1/test_helpers/test_clocks/clock_1', 'GET /v1/test_helpers/test_clocks/:id'],
  ['GET', '/v2/core/events/evt_test_65T', 'GET /v2/core/events/:id'],
])('%s %s counts as %s', (method, path, endpoint) => {
  expect(endpointOf(method, path)).toBe(endpoint);
});

const log = createLog('error');
const connections: ReturnType<typeof signalConnection>[] = [];
afterAll(() => {
  for (const redis of connections) redis.disconnect();
});

/** A process of its own, as far as the limiter can see. */
async function limiterOn(url: string, limits: { perSecond: number; perEndpoint: number }): Promise<StripeLimiter> {
  const redis = signalConnection(url, log);
  connections.push(redis);
  await until(() => redis.status === 'ready');
  return stripeLimiter(redis, 'test', limits);
}

/** When each of `many` turns came, in milliseconds since all of them were asked for. */
async function turns(many: number, ask: (n: number) => Promise<void>): Promise<number[]> {
  const began = performance.now();
  const at = Array.from({ length: many }, async (_, n) => {
    await ask(n);
    return performance.now() - began;
  });
  return (await Promise.all(at)).sort((a, b) => a - b);
}

describe('two processes', () => {
  test('share one allowance: twenty-five in the first second, the others after it', async () => {
    const { url } = await freshRedis();
    const limits = { perSecond: 25, perEndpoint: 0 };
    const limiters = await Promise.all([limiterOn(url, limits), limiterOn(url, limits)]);
    const at = await turns(35, async (n) => limiters[n % 2]?.turn(`POST /v1/endpoint${n}`));
    expect(at[25]).toBeGreaterThan(950);
    expect(at[34]).toBeLessThan(10_000);
  });

  test('share the allowance of each endpoint, and another endpoint need not wait for it', async () => {
    const { url } = await freshRedis();
    const limits = { perSecond: 0, perEndpoint: 5 };
    const limiters = await Promise.all([limiterOn(url, limits), limiterOn(url, limits)]);
    const [busy, other] = await Promise.all([
      turns(7, async (n) => limiters[n % 2]?.turn('POST /v1/invoices')),
      turns(5, async (n) => limiters[n % 2]?.turn('GET /v1/payment_intents/:id')),
    ]);
    expect(busy[5]).toBeGreaterThan(950);
    expect(other[4]).toBeLessThan(busy[5] ?? 0);
  });
});

test('no limit is no question to Redis', async () => {
  const redis = signalConnection('redis://127.0.0.1:1', log);
  connections.push(redis);
  const limiter = stripeLimiter(redis, 'test', { perSecond: 0, perEndpoint: 0 });
  await Promise.all(Array.from({ length: 1_000 }, () => limiter.turn('POST /v1/invoices')));
});

describe('without Redis a process keeps to the limits by itself', () => {
  const limits = { perSecond: 5, perEndpoint: 0 };

  test('when it is gone', async () => {
    const redis = await startPrivateRedis();
    const limiter = await limiterOn(redis.url, limits);
    await limiter.turn('POST /v1/invoices');
    await redis.kill();
    const at = await turns(7, () => limiter.turn('POST /v1/invoices'));
    expect(at[5]).toBeGreaterThan(950);
    expect(at[6]).toBeLessThan(10_000);
  });

  test('when it hangs', async () => {
    const redis = await startPrivateRedis();
    const limiter = await limiterOn(redis.url, limits);
    await limiter.turn('POST /v1/invoices');
    redis.pause();
    const [first] = await turns(1, () => limiter.turn('POST /v1/invoices'));
    redis.resume();
    expect(first).toBeLessThan(5_000);
  });
});
