import type Stripe from 'stripe';
import { z } from 'zod';

const snapshot = z.looseObject({ data: z.looseObject({ object: z.unknown() }) });
const thin = z.looseObject({
  object: z.literal('v2.core.event'),
  related_object: z.looseObject({ url: z.string().startsWith('/v1/') }),
});

/** The object that an event speaks of: inside a snapshot event, or fetched by the link of a thin one. */
export async function objectOf(payload: unknown, stripe: Stripe): Promise<unknown> {
  const notification = thin.safeParse(payload);
  if (notification.success) return stripe.rawRequest('GET', notification.data.related_object.url);
  return snapshot.parse(payload).data.object;
}
