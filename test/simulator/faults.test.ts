import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { failureOf, useSimulator } from './harness.ts';

const harness = useSimulator();
const fault = (rule: object) => harness.control('POST', '/faults', rule);

async function customerCount(): Promise<number> {
  return (await harness.stripe.customers.list({ limit: 100 })).data.length;
}

describe('faults of the simulated Stripe', () => {
  it('drop the answer of a write that happened, and the retry with the same key finds it', async () => {
    await fault({ kind: 'drop', method: 'POST', path: '/v1/customers', count: 1 });
    const customer = await harness.client({ retries: 2 }).customers.create({ name: 'Ann' });
    expect(customer.name).toBe('Ann');
    expect(await customerCount()).toBe(1);
    const { requests } = await harness.control('GET', '/requests?method=POST');
    expect(requests).toMatchObject([
      { status: 0, executed: true, replayed: false, faults: ['drop'] },
      { status: 200, executed: false, replayed: true, faults: [] },
    ]);
  });

  it('reset the connection before anything is executed', async () => {
    // The client tries once more by itself after a reset, even with retries switched off.
    await fault({ kind: 'reset', path: '/v1/customers', count: 2 });
    const error = await failureOf(harness.stripe.customers.create({}));
    expect(error).toBeInstanceOf(Stripe.errors.StripeConnectionError);
    expect(await customerCount()).toBe(0);
  });

  it('answer 503 without executing, and the key stays free', async () => {
    await fault({ kind: 'error_before', path: '/v1/customers', status: 503, count: 1 });
    const error = await failureOf(harness.stripe.customers.create({}, { idempotencyKey: 'a' }));
    expect(error).toMatchObject({ statusCode: 503, type: 'StripeAPIError' });
    expect((await harness.stripe.customers.create({}, { idempotencyKey: 'a' })).id).toMatch(/^cus_/);
    expect(await customerCount()).toBe(1);
  });

  it('limit the rate in a way that the client does not retry, and lock in a way that it does', async () => {
    const patient = harness.client({ retries: 2 });
    await fault({ kind: 'rate_limit', path: '/v1/customers', count: 1 });
    const limited = await failureOf(patient.customers.create({}));
    expect(limited).toMatchObject({ statusCode: 429, code: 'rate_limit' });
    await fault({ kind: 'lock_timeout', path: '/v1/customers', count: 1 });
    expect((await patient.customers.create({})).id).toMatch(/^cus_/);
  });

  it('refuse without a word that a program could know, and keep nothing under the key', async () => {
    await fault({ kind: 'refuse', path: '/v1/customers', count: 1 });
    const create = () => harness.stripe.customers.create({}, { idempotencyKey: 'refused-once' });
    const refused = await failureOf(create());
    expect(refused).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError' });
    expect(refused.code).toBeUndefined();
    expect((await create()).id).toMatch(/^cus_/);
  });

  it('make two writes on one object collide when they overlap', async () => {
    const { id } = await harness.stripe.customers.create({});
    await fault({ kind: 'latency', method: 'POST', path: '/v1/customers/{id}', ms: 100 });
    const settled = await Promise.allSettled([
      harness.stripe.customers.update(id, { name: 'A' }),
      harness.stripe.customers.update(id, { name: 'B' }),
    ]);
    const refused = settled.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ reason: { statusCode: 429, code: 'lock_timeout' } });
  });

  it('skip, count and stop', async () => {
    await fault({ kind: 'error_before', path: '/v1/customers*', method: 'POST', skip: 1, count: 1 });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) {
      statuses.push(
        await harness.stripe.customers.create({}).then(
          () => 200,
          (error) => error.statusCode,
        ),
      );
    }
    expect(statuses).toEqual([200, 500, 200]);
    await fault({ kind: 'error_before', path: '*' });
    await harness.control('DELETE', '/faults');
    expect(await customerCount()).toBe(2);
  });

  it('strike at a rate that the seed decides', async () => {
    const run = async (): Promise<string> => {
      await harness.control('DELETE', '/faults');
      await fault({ kind: 'error_before', path: '/v1/events', rate: 0.5, seed: 7 });
      let pattern = '';
      for (let i = 0; i < 12; i++)
        pattern += await harness.stripe.events.list().then(
          () => '.',
          () => 'x',
        );
      return pattern;
    };
    const first = await run();
    expect(first).toMatch(/x/);
    expect(first).toMatch(/\./);
    expect(await run()).toBe(first);
  });

  it('add latency', async () => {
    await fault({ kind: 'latency', path: '/v1/customers', ms: 60 });
    await harness.stripe.customers.list();
    const { requests } = await harness.control('GET', '/requests');
    expect(requests).toMatchObject([{ faults: ['latency'] }]);
    expect(Array.isArray(requests) && requests[0].ms).toBeGreaterThanOrEqual(59);
  });

  it('limit to 25 requests a second when that is switched on', async () => {
    await harness.control('POST', '/settings', { limits: true });
    const calls = await Promise.allSettled(Array.from({ length: 40 }, () => harness.stripe.customers.list()));
    await harness.control('POST', '/settings', { limits: false });
    const refused = calls.filter(({ status }) => status === 'rejected').length;
    expect(refused).toBeGreaterThan(5);
    expect(refused).toBeLessThanOrEqual(15);
  });
});
