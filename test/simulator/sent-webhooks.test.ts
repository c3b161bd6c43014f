import type Stripe from 'stripe';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Received, type Receiver, startReceiver, useSimulator } from './harness.ts';

const harness = useSimulator();
const secret = 'whsec_test_sent';
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
  const { world } = harness.simulator;
  world.listen(world.firstAccount(), receiver.url, secret);
});
beforeEach(async () => {
  await harness.stripe.customers.create({ name: 'Ann' });
  await harness.control('POST', '/webhooks/flush');
  receiver.received.length = 0;
});
afterAll(() => receiver.close());

async function send(options: object): Promise<Received> {
  await harness.control('POST', '/webhooks/send', options);
  const [delivery] = receiver.received;
  if (delivery === undefined) throw new Error('Nothing arrived.');
  return delivery;
}

const verify = ({ body, signature }: Received): Stripe.Event =>
  harness.stripe.webhooks.constructEvent(body, signature ?? '', secret);

describe('unusual webhooks on request', () => {
  it('report what the receiver answered', async () => {
    receiver.answers.push(400);
    const { answers } = await harness.control('POST', '/webhooks/send', { signature: 'wrong' });
    expect(answers).toEqual([{ url: receiver.url, status: 400 }]);
  });

  it.each(['wrong', 'missing', 'malformed'])('can have a %s signature', async (signature) => {
    const delivery = await send({ signature });
    expect(() => verify(delivery)).toThrow();
  });

  it('can be too old', async () => {
    const delivery = await send({ timestamp_offset_seconds: -600 });
    expect(() => verify(delivery)).toThrow(/Timestamp outside the tolerance zone/);
  });

  it('can come from live mode, from a connected account, in an old version, of an unknown type, with unknown fields', async () => {
    const delivery = await send({
      new_id: true,
      livemode: true,
      account: 'acct_connected',
      api_version: '2019-02-19',
      type: 'future.thing_happened',
      unknown_fields: true,
    });
    expect(verify(delivery)).toMatchObject({
      livemode: true,
      account: 'acct_connected',
      api_version: '2019-02-19',
      type: 'future.thing_happened',
      a_field_of_tomorrow: true,
      data: { object: { name: 'Ann', a_field_of_tomorrow: expect.anything() } },
    });
  });

  it('can be 200 kB long', async () => {
    const delivery = await send({ pad_bytes: 200_000 });
    expect(delivery.body.length).toBeGreaterThan(195_000);
    expect(verify(delivery).type).toBe('customer.created');
  });

  it('can be no JSON at all', async () => {
    const delivery = await send({ body: '{"id": "evt_cut', content_type: 'text/plain' });
    expect(delivery).toMatchObject({ body: '{"id": "evt_cut', contentType: 'text/plain' });
  });

  it('can be the thin twin, which the client can fetch and follow', async () => {
    const delivery = await send({ thin: true });
    expect(() => verify(delivery)).toThrow();
    const notification = harness.stripe.parseEventNotification(delivery.body, delivery.signature ?? '', secret);
    expect(notification.type).toBe('v1.customer.created');
    const fetched = await notification.fetchEvent();
    expect(fetched).toMatchObject({ object: 'v2.core.event', snapshot_event: expect.stringMatching(/^evt_/) });
    const { data } = await harness.stripe.events.list({ limit: 1 });
    expect(fetched.snapshot_event).toBe(data[0]?.id);
    const related = 'fetchRelatedObject' in notification ? await notification.fetchRelatedObject() : undefined;
    expect(related).toMatchObject({ object: 'customer', name: 'Ann' });
  });
});
