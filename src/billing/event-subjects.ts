import { z } from 'zod';
import type { PaymentRef } from './payments/payment-row.ts';

/**
 * Which payment (later: subscription, invoice) an event speaks of. Only ids are read from an event's object, and only in
 * the shapes that all API versions share; everything else is fetched. Unknown fields are none of our business.
 */
export type Subject<T> = { readonly found: T } | { readonly nothing: string };

const idOf = z.union([z.string(), z.looseObject({ id: z.string() }).transform(({ id }) => id)]);

const session = z.looseObject({
  object: z.literal('checkout.session'),
  mode: z.string(),
  payment_intent: idOf.nullish(),
});
const intent = z.looseObject({ object: z.literal('payment_intent'), id: z.string() });
const charge = z.looseObject({ object: z.literal('charge'), payment_intent: idOf.nullish() });

export function paymentOfSession(object: unknown): Subject<PaymentRef> {
  const { mode, payment_intent } = session.parse(object);
  if (mode !== 'payment') return { nothing: `a ${mode} checkout has no one-off payment` };
  return payment_intent ? payment(payment_intent) : { nothing: 'nothing was to be paid in this checkout session' };
}

export function paymentOfIntent(object: unknown): Subject<PaymentRef> {
  return payment(intent.parse(object).id);
}

export function paymentOfCharge(object: unknown): Subject<PaymentRef> {
  const { payment_intent } = charge.parse(object);
  return payment_intent ? payment(payment_intent) : { nothing: 'the charge was made without a payment intent' };
}

const takenBack = z.looseObject({ object: z.enum(['refund', 'dispute']), payment_intent: idOf.nullish() });

export function paymentOfRefund(object: unknown): Subject<PaymentRef> {
  const { payment_intent } = takenBack.parse(object);
  return payment_intent ? payment(payment_intent) : { nothing: 'the charge was made without a payment intent' };
}

export const paymentOfDispute = paymentOfRefund;

function payment(paymentIntent: string): Subject<PaymentRef> {
  return { found: { account: '', paymentIntent } };
}
