import { z } from 'zod';
import type { PaymentRef } from './payments/payment-row.ts';
import type { CustomerRef, PriceRef, ProductRef } from './subscriptions/follow-catalog.ts';
import type { TestClockRef } from './subscriptions/follow-test-clock.ts';
import type { InvoiceRef, SubscriptionRef } from './subscriptions/sync-subscription.ts';

/**
 * Which payment, subscription, invoice, customer or price an event speaks of. Only ids are read from an event's object, and only in
 * the shapes that all API versions share; everything else is fetched. Unknown fields are none of our business.
 */
export type Subject<T> = { readonly found: T } | { readonly nothing: string };

const idOf = z.union([z.string(), z.looseObject({ id: z.string() }).transform(({ id }) => id)]);

const session = z.looseObject({
  object: z.literal('checkout.session'),
  mode: z.string(),
  payment_intent: idOf.nullish(),
  subscription: idOf.nullish(),
  customer: idOf.nullish(),
});
const intent = z.looseObject({ object: z.literal('payment_intent'), id: z.string() });
const charge = z.looseObject({ object: z.literal('charge'), payment_intent: idOf.nullish() });

/** A checkout in which something was sold once, a subscription begins, or a card was saved. */
export function soldInSession(object: unknown): Subject<PaymentRef | SubscriptionRef | CustomerRef> {
  const { mode, payment_intent, subscription, customer: saver } = session.parse(object);
  if (mode === 'payment') {
    return payment_intent ? payment(payment_intent) : { nothing: 'nothing was to be paid in this checkout session' };
  }
  if (mode === 'setup' && saver) return { found: { customer: saver } };
  return subscription ? { found: { subscription } } : { nothing: `nothing was sold in this ${mode} checkout` };
}

const named = z.looseObject({ object: z.literal('checkout.session'), id: z.string() });

export function idOfSession(object: unknown): string {
  return named.parse(object).id;
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

const withId = (kind: string) => z.looseObject({ object: z.literal(kind), id: z.string() });
const subscription = withId('subscription');
const schedule = z.looseObject({ object: z.literal('subscription_schedule'), subscription: idOf.nullish() });
/** That it is of no subscription is told by a `parent` of null, since 2025-03-31.basil; where there is none, Stripe is asked. */
const invoice = z.looseObject({ object: z.literal('invoice'), id: z.string(), parent: z.unknown().optional() });
const customer = withId('customer');
const ofCustomer = z.looseObject({ object: z.enum(['payment_method', 'setup_intent']), customer: idOf.nullish() });
const product = withId('product');
const price = withId('price');
const testClock = withId('test_helpers.test_clock');

export function subscriptionOf(object: unknown): Subject<SubscriptionRef> {
  return { found: { subscription: subscription.parse(object).id } };
}

export function subscriptionOfSchedule(object: unknown): Subject<SubscriptionRef> {
  const { subscription: id } = schedule.parse(object);
  return id ? { found: { subscription: id } } : { nothing: 'the schedule has no subscription (yet)' };
}

export function invoiceOf(object: unknown): Subject<InvoiceRef> {
  const { id, parent } = invoice.parse(object);
  return parent === null ? { nothing: 'the invoice is of no subscription' } : { found: { invoice: id } };
}

export function customerOf(object: unknown): Subject<CustomerRef> {
  return { found: { customer: customer.parse(object).id } };
}

export function customerOfMethod(object: unknown): Subject<CustomerRef> {
  const { customer: id } = ofCustomer.parse(object);
  return id ? { found: { customer: id } } : { nothing: 'it is of no customer (any more)' };
}

export function productOf(object: unknown): Subject<ProductRef> {
  return { found: { product: product.parse(object).id } };
}

export function priceOf(object: unknown): Subject<PriceRef> {
  return { found: { price: price.parse(object).id } };
}

export function testClockOf(object: unknown): Subject<TestClockRef> {
  return { found: { testClock: testClock.parse(object).id } };
}
