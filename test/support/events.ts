import type Stripe from 'stripe';
import { readEnvelope } from '../../src/stripe/inbox/event.ts';
import type { Delivery } from '../../src/stripe/inbox/inbox.ts';
import { paidAt } from './stripe-objects.ts';

/** The body of a snapshot event as Stripe sends it, about the payment intent pi_1 unless said otherwise. */
export function eventBody(id: string, says: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: paidAt,
    data: { object: { id: 'pi_1', object: 'payment_intent' } },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type: 'payment_intent.succeeded' satisfies Stripe.Event['type'],
    ...says,
  };
}

/** What the receiver hands to the inbox after it has checked the body. */
export function delivery(
  body: Record<string, unknown> | string | Buffer,
  queue: string | null = 'invoicing',
): Delivery {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const envelope = readEnvelope(JSON.parse(bytes.toString()));
  if (!envelope) throw new Error('Bug: this is no event');
  return { envelope, body: bytes, queue };
}
