import type { QueueName } from '../jobs/queues.ts';
import type { KnownTypes, Outcome } from '../stripe/inbox/events.ts';
import { adjustPayment } from './adjustments/adjust-payment.ts';
import { settleThenAdjust } from './adjustments/settle-then-adjust.ts';
import { settleWhenBooked } from './adjustments/settle-when-booked.ts';
import { SETTLED_ALREADY } from './adjustments/settled-already.ts';
import type { EventDeps } from './deps/deps.ts';
import {
  paymentOfCharge,
  paymentOfDispute,
  paymentOfIntent,
  paymentOfRefund,
  paymentOfSession,
  type Subject,
} from './event-subjects.ts';
import type { PaymentRef } from './payments/payment-row.ts';

/**
 * THE LIST: event type → the queue of its job, what it speaks of, and the use case that brings that into agreement with
 * Stripe. Nothing else enumerates event types. An event whose type is not here is stored and ignored.
 */
export const stripeEvents = {
  'checkout.session.completed': on('invoicing', paymentOfSession, settleThenAdjust),
  'checkout.session.async_payment_succeeded': on('invoicing', paymentOfSession, settleThenAdjust),
  'checkout.session.async_payment_failed': on('invoicing', paymentOfSession, settleThenAdjust), // records that no money came
  'payment_intent.succeeded': on('invoicing', paymentOfIntent, settleThenAdjust),
  'payment_intent.payment_failed': on('invoicing', paymentOfIntent, settleThenAdjust),
  'charge.succeeded': on('invoicing', paymentOfCharge, settleThenAdjust),
  'charge.updated': on('invoicing', paymentOfCharge, settleWhenBooked), // its booking, which dates a debit or a capture

  'refund.created': on('adjustments', paymentOfRefund, adjustPayment),
  'refund.updated': on('adjustments', paymentOfRefund, adjustPayment),
  'refund.failed': on('adjustments', paymentOfRefund, adjustPayment), // its note stays: a person decides
  'charge.refunded': on('adjustments', paymentOfCharge, adjustPayment), // a hint; the refunds themselves are the truth
  'charge.refund.updated': on('adjustments', paymentOfRefund, adjustPayment),
  'charge.dispute.created': on('adjustments', paymentOfDispute, adjustPayment), // flags the payment, no document
  'charge.dispute.updated': on('adjustments', paymentOfDispute, adjustPayment),
  'charge.dispute.funds_withdrawn': on('adjustments', paymentOfDispute, adjustPayment),
  'charge.dispute.funds_reinstated': on('adjustments', paymentOfDispute, adjustPayment),
  'charge.dispute.closed': on('adjustments', paymentOfDispute, adjustPayment), // only `lost` leaves a document
} satisfies Record<string, EventRoute>;

const THIN = 'v1.';

/** Types that an earlier release listened to and this one does not: what is left of them ends ignored. */
const RETIRED: readonly string[] = [];

/** Brings what an event speaks of into agreement with Stripe. */
export type UseCase = (payment: PaymentRef, deps: EventDeps) => Promise<Outcome>;

export interface EventRoute {
  readonly queue: QueueName;
  /** @throws ZodError when the object is not of the kind that the type promises */
  about(object: unknown): Subject<PaymentRef>;
  readonly useCase: UseCase;
}

/** Who does something about a stored event of a type. */
export type Listener =
  | { readonly listens: 'here'; readonly route: EventRoute }
  | { readonly listens: 'nobody_any_more' }
  /** Only types that its api listened to have been given to the workers: this one is on the list of another release. */
  | { readonly listens: 'newer_release' };

export function listenerOf(type: string, retired: readonly string[] = RETIRED): Listener {
  const route = routeOf(type);
  if (route) return { listens: 'here', route };
  return { listens: retired.includes(snapshotType(type)) ? 'nobody_any_more' : 'newer_release' };
}

/** Every type that this release can bring to an end, as it may be stored. */
const allTypes = [...Object.keys(stripeEvents), ...RETIRED].flatMap(storedTypes);

/** What only asks for the invoice of a payment. */
const followers = Object.entries(stripeEvents)
  .filter(([, { useCase }]) => useCase === settleThenAdjust || useCase === settleWhenBooked)
  .flatMap(([type]) => storedTypes(type));

export const knownTypes: KnownTypes = { all: allTypes, followers, doneAlready: SETTLED_ALREADY };

/** The names under which events of a type are stored: of snapshot events, and of thin ones. */
export function storedTypes(type: string): string[] {
  return [type, `${THIN}${type}`];
}

/** Thin events name the same happenings with a `v1.` before. */
export function routeOf(type: string): EventRoute | undefined {
  const name = snapshotType(type);
  const routes: Readonly<Record<string, EventRoute>> = stripeEvents;
  return Object.hasOwn(routes, name) ? routes[name] : undefined;
}

function snapshotType(type: string): string {
  return type.startsWith(THIN) ? type.slice(THIN.length) : type;
}

function on(queue: QueueName, about: EventRoute['about'], useCase: UseCase): EventRoute {
  return { queue, about, useCase };
}
