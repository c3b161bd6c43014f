import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { failureOf, raw, useSimulator } from './harness.ts';

const harness = useSimulator();
const key = (name: string): { 'Idempotency-Key': string } => ({ 'Idempotency-Key': name });

async function customerCount(): Promise<number> {
  return (await harness.stripe.customers.list({ limit: 100 })).data.length;
}

describe('idempotency keys in the simulated Stripe', () => {
  it('replay the first answer and say so', async () => {
    const first = await raw(harness, 'POST', '/v1/customers', 'name=Ann', key('a'));
    const again = await raw(harness, 'POST', '/v1/customers', 'name=Ann', key('a'));
    expect(again.json).toEqual(first.json);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('original-request')).toBe(first.headers.get('request-id'));
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(await customerCount()).toBe(1);
  });

  it('do not care about the order of parameters', async () => {
    const first = await raw(harness, 'POST', '/v1/customers', 'name=Ann&phone=1', key('a'));
    const again = await raw(harness, 'POST', '/v1/customers', 'phone=1&name=Ann', key('a'));
    expect(again.json).toEqual(first.json);
  });

  it('refuse other parameters', async () => {
    await harness.stripe.customers.create({ name: 'Ann' }, { idempotencyKey: 'a' });
    const error = await failureOf(harness.stripe.customers.create({ name: 'Bob' }, { idempotencyKey: 'a' }));
    expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
    expect(error.message).toBe(
      "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than 'a' if you meant to execute a different request.",
    );
  });

  it('refuse another endpoint', async () => {
    await harness.stripe.customers.create({}, { idempotencyKey: 'a' });
    const error = await failureOf(harness.stripe.products.create({ name: 'P' }, { idempotencyKey: 'a' }));
    expect(error.message).toMatch(
      /can only be used for the same endpoint .* \('\/v1\/products' vs '\/v1\/customers'\)/,
    );
  });

  it('answer 409 while the first request is still under way', async () => {
    await harness.control('POST', '/faults', { kind: 'latency', path: '/v1/customers', ms: 150, count: 1 });
    const first = harness.stripe.customers.create({}, { idempotencyKey: 'a' });
    await expect.poll(() => harness.simulator.world.accountOf('sk_test_harness')?.idempotencyKeys.size).toBe(1);
    const second = await failureOf(harness.stripe.customers.create({}, { idempotencyKey: 'a' }));
    expect(second).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    await first;
    expect(await customerCount()).toBe(1);
  });

  it('keep a declined card, so that the decline is replayed', async () => {
    const pay = () =>
      harness.stripe.paymentIntents.create(
        { amount: 2000, currency: 'usd', payment_method: 'pm_card_chargeDeclined', confirm: true, off_session: true },
        { idempotencyKey: 'a' },
      );
    const first = await failureOf(pay());
    const again = await failureOf(pay());
    expect(first.code).toBe('card_declined');
    expect(again.requestId).not.toBe(first.requestId);
    expect(again.headers?.['idempotent-replayed']).toBe('true');
    expect((await harness.stripe.paymentIntents.list()).data).toHaveLength(1);
  });

  it('do not keep a bad parameter: the corrected request runs under the same key', async () => {
    await raw(harness, 'POST', '/v1/customers', 'foo=1', key('a'));
    const corrected = await raw(harness, 'POST', '/v1/customers', 'name=Ann', key('a'));
    expect(corrected.status).toBe(200);
  });

  it('keep a 500 that came after execution, for 24 hours of simulated time', async () => {
    await harness.control('POST', '/faults', { kind: 'error_after', path: '/v1/customers', count: 1 });
    const create = () => raw(harness, 'POST', '/v1/customers', 'name=Ann', key('a'));
    expect((await create()).status).toBe(500);
    const replayed = await create();
    expect(replayed.status).toBe(500);
    expect(replayed.headers.get('idempotent-replayed')).toBe('true');
    expect(await customerCount()).toBe(1);
    await harness.control('POST', '/clock/advance', { seconds: 25 * 3600 });
    expect((await create()).status).toBe(200);
    expect(await customerCount()).toBe(2);
  });
});
