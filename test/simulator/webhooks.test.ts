import Stripe from 'stripe';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Received, type Receiver, startReceiver, useSimulator } from './harness.ts';

const harness = useSimulator({ webhookRetryBaseMs: 20 });
const secret = 'whsec_test_webhooks';
let receiver: Receiver;
let endpoint: string;

beforeAll(async () => {
  receiver = await startReceiver();
  const { world } = harness.simulator;
  endpoint = world.listen(world.firstAccount(), receiver.url, secret).id;
});
beforeEach(() => {
  receiver.received.length = 0;
});
afterAll(() => receiver.close());

const flush = () => harness.control('POST', '/webhooks/flush');
const types = (): string[] => receiver.received.map(({ body }) => JSON.parse(body).type);
const idsOf = (received: Received[]): string[] => received.map(({ body }) => JSON.parse(body).id);

async function makeCustomers(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await harness.stripe.customers.create({ name: `Customer ${i}` });
}

describe('webhooks of the simulated Stripe', () => {
  it('carry the event, signed so that the official client accepts it', async () => {
    const { id } = await harness.stripe.customers.create({ name: 'Ann' }, { idempotencyKey: 'key-1' });
    await flush();
    const [delivery] = receiver.received;
    expect(delivery?.signature).toMatch(/^t=\d+,v1=[0-9a-f]{64},v0=[0-9a-f]{64}$/);
    const event = harness.stripe.webhooks.constructEvent(delivery?.body ?? '', delivery?.signature ?? '', secret);
    expect(event).toMatchObject({
      type: 'customer.created',
      api_version: '2026-10-28.endive',
      livemode: false,
      pending_webhooks: 1,
      data: { object: { id, name: 'Ann' } },
      request: { id: expect.stringMatching(/^req_/), idempotency_key: 'key-1' },
    });
    expect((await harness.stripe.events.retrieve(event.id)).pending_webhooks).toBe(0);
  });

  it('say what changed', async () => {
    const { id } = await harness.stripe.customers.create({ name: 'Ann', metadata: { a: '1', b: '2' } });
    await harness.stripe.customers.update(id, { name: 'Bob', metadata: { a: '9' } });
    await flush();
    const update = receiver.received
      .map(({ body }) => JSON.parse(body))
      .find(({ type }) => type === 'customer.updated');
    expect(update.data.previous_attributes).toEqual({ name: 'Ann', metadata: { a: '1' } });
  });

  it('are sent again until the receiver says 2xx, each time with a fresh signature', async () => {
    receiver.answers.push(500, 302);
    await makeCustomers(1);
    await expect.poll(() => receiver.received.length).toBe(3);
    expect(new Set(idsOf(receiver.received)).size).toBe(1);
    await flush();
    const { deliveries } = await harness.control('GET', '/webhooks/deliveries');
    expect(deliveries).toMatchObject([
      { state: 'delivered', attempts: [{ status: 500 }, { status: 302 }, { status: 200 }] },
    ]);
  });

  it('of a receiver that is down wait, and events tell which were not delivered', async () => {
    const { world } = harness.simulator;
    const { id } = world.listen(world.firstAccount(), 'http://127.0.0.1:1/nobody', 'whsec_x');
    await makeCustomers(1);
    await expect.poll(() => receiver.received.length).toBe(1);
    const undelivered = await harness.stripe.events.list({ delivery_success: false });
    expect(undelivered.data).toMatchObject([{ type: 'customer.created', pending_webhooks: 1 }]);
    await harness.stripe.webhookEndpoints.del(id);
  });

  it('can be held, and leave in another order when shuffled', async () => {
    await harness.control('POST', '/webhooks', { paused: true, shuffle: { seed: 3 } });
    await makeCustomers(8);
    expect(receiver.received).toEqual([]);
    await flush();
    const sent = idsOf(receiver.received);
    expect(sent).toHaveLength(8);
    expect(sent).not.toEqual([...sent].sort());
  });

  it('come twice when duplicates are switched on', async () => {
    await harness.control('POST', '/webhooks', { duplicates: { rate: 1, copies: 2 } });
    await makeCustomers(2);
    await flush();
    expect(receiver.received).toHaveLength(6);
    expect(new Set(idsOf(receiver.received)).size).toBe(2);
  });

  it('can be delayed by simulated time', async () => {
    await harness.control('POST', '/webhooks', { delay_ms: 3_600_000, jitter_ms: 1000 });
    await makeCustomers(1);
    expect(receiver.received).toEqual([]);
    await harness.control('POST', '/clock/advance', { seconds: 3602 });
    await expect.poll(() => receiver.received.length).toBe(1);
  });

  it('can be sent again by event id', async () => {
    await makeCustomers(1);
    await flush();
    const [id = ''] = idsOf(receiver.received);
    expect(await harness.control('POST', '/webhooks/redeliver', { event: id })).toMatchObject({ deliveries: 1 });
    await flush();
    expect(idsOf(receiver.received)).toEqual([id, id]);
  });

  it('are signed with both secrets while one is being replaced', async () => {
    const { secret: fresh } = await harness.control('POST', '/webhooks/rotate', { endpoint, overlap_seconds: 60 });
    await makeCustomers(1);
    await flush();
    const [{ body, signature }] = receiver.received as [Received];
    expect(signature?.match(/v1=/g)).toHaveLength(2);
    for (const one of [String(fresh), secret]) {
      expect(harness.stripe.webhooks.constructEvent(body, signature ?? '', one).type).toBe('customer.created');
    }
    await harness.control('POST', '/clock/advance', { seconds: 61 });
    await makeCustomers(1);
    await flush();
    const last = receiver.received.at(-1);
    expect(() => harness.stripe.webhooks.constructEvent(last?.body ?? '', last?.signature ?? '', secret)).toThrow(
      Stripe.errors.StripeSignatureVerificationError,
    );
  });

  it('go only to endpoints that asked for the type, in the version that they are pinned to', async () => {
    const other = await startReceiver();
    const made = await harness.stripe.webhookEndpoints.create({
      url: other.url,
      enabled_events: ['customer.updated'],
      api_version: '2025-03-31.basil',
    });
    expect(made.secret).toMatch(/^whsec_/);
    expect((await harness.stripe.webhookEndpoints.retrieve(made.id)).secret).toBeUndefined();
    expect((await harness.stripe.webhookEndpoints.list()).data).toHaveLength(2);
    const { id } = await harness.stripe.customers.create({ name: 'Ann' });
    await harness.stripe.customers.update(id, { name: 'Bob' });
    await flush();
    expect(other.received.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: 'customer.updated', api_version: '2025-03-31.basil' },
    ]);
    expect(types()).toEqual(['customer.created', 'customer.updated']);
    await harness.stripe.webhookEndpoints.update(made.id, { disabled: true });
    await harness.stripe.customers.update(id, { name: 'Cem' });
    await flush();
    expect(other.received).toHaveLength(1);
    await harness.stripe.webhookEndpoints.del(made.id);
    await other.close();
  });

  it('leave a list of events that can be filtered', async () => {
    const { id } = await harness.stripe.customers.create({ name: 'Ann' });
    await harness.stripe.customers.update(id, { name: 'Bob' });
    await harness.stripe.products.create({ name: 'Course' });
    const list = async (params: Stripe.EventListParams) =>
      (await harness.stripe.events.list(params)).data.map(({ type }) => type);
    expect(await list({})).toEqual(['product.created', 'customer.updated', 'customer.created']);
    expect(await list({ type: 'customer.updated' })).toEqual(['customer.updated']);
    expect(await list({ types: ['product.created', 'customer.created'] })).toEqual([
      'product.created',
      'customer.created',
    ]);
    await harness.control('POST', '/clock/advance', { seconds: 31 * 86_400 });
    expect(await list({})).toEqual([]);
  });
});
