import { request } from 'node:http';
import Stripe from 'stripe';
import { z } from 'zod';
import type { StripeEvent } from './simulated-stripe.ts';

/** What the receiver answered: a status, or why there was no answer at all. */
export type Answer = number | string;

/** Sends an event as Stripe would: signed now, indented JSON. One request, no repetition. */
export async function deliver(api: { url: string }, event: object, secret: string): Promise<Answer> {
  return post(api, JSON.stringify(event, null, 2), secret);
}

export async function post(api: { url: string }, body: string, secret: string): Promise<Answer> {
  const signature = Stripe.webhooks.generateTestHeaderString({ payload: body, secret });
  return new Promise((resolve) => {
    const sent = request(
      `${api.url}/webhooks/stripe`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
        timeout: 30_000,
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.on('error', (error) => resolve(error.message));
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer within 30 s')));
    sent.on('error', (error) => resolve(error.message));
    sent.end(body);
  });
}

/** Works through the items with so many at a time. */
export async function atATime<T, R>(limit: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [position, item] of queue) results[position] = await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}

/** The three events that tell of one payment. */
export const HINTS = ['checkout.session.completed', 'payment_intent.succeeded', 'charge.succeeded'] as const;

const about = z.looseObject({ object: z.string(), id: z.string(), payment_intent: z.string().nullish() });

/** The hints of each payment, in the order of `HINTS`. */
export function hintsOf(events: readonly StripeEvent[], payments: readonly string[]): Map<string, StripeEvent[]> {
  const found = new Map<string, StripeEvent[]>(payments.map((payment) => [payment, []]));
  for (const type of HINTS) {
    for (const event of events.filter((one) => one.type === type)) {
      const object = about.parse(event.data.object);
      found.get(object.object === 'payment_intent' ? object.id : (object.payment_intent ?? ''))?.push(event);
    }
  }
  return found;
}
