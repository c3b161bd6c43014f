import type { QueueName } from '../jobs/queues.ts';
import type { KnownTypes, Outcome } from '../stripe/inbox/events.ts';
import { adjustPayment } from './adjustments/adjust-payment.ts';
import { settleThenAdjust } from './adjustments/settle-then-adjust.ts';
import { settleWhenBooked } from './adjustments/settle-when-booked.ts';
import { SETTLED_ALREADY } from './adjustments/settled-already.ts';
import { endSession, type SessionEnd } from './checkouts/end-session.ts';
import type { EventDeps } from './deps/deps.ts';
import {
  customerOf,
  customerOfMethod,
  idOfSession,
  invoiceOf,
  paymentOfCharge,
  paymentOfDispute,
  paymentOfIntent,
  paymentOfRefund,
  priceOf,
  productOf,
  type Subject,
  soldInSession,
  subscriptionOf,
  subscriptionOfSchedule,
  testClockOf,
} from './event-subjects.ts';
import type { PaymentRef } from './payments/payment-row.ts';
import { followCard } from './recovery/follow-card.ts';
import { followCustomer, refreshPrice, refreshProduct } from './subscriptions/follow-catalog.ts';
import { followTestClock } from './subscriptions/follow-test-clock.ts';
import { refreshInvoice, syncBegun, syncSubscription } from './subscriptions/sync-subscription.ts';
import { SYNCED_ALREADY } from './subscriptions/synced-already.ts';

/**
 * THE LIST: event type → the queue of its job, what it speaks of, and the use case that brings that into agreement with
 * Stripe. Nothing else enumerates event types. An event whose type is not here is stored and ignored.
 */
export const stripeEvents = {
  'checkout.session.completed': onCheckout('invoicing', 'complete'),
  'checkout.session.async_payment_succeeded': onCheckout('invoicing', 'complete'),
  'checkout.session.async_payment_failed': onCheckout('invoicing', 'complete'), // records that no money came
  'payment_intent.succeeded': onPayment('invoicing', paymentOfIntent, settleThenAdjust),
  'payment_intent.payment_failed': onPayment('invoicing', paymentOfIntent, settleThenAdjust),
  'charge.succeeded': onPayment('invoicing', paymentOfCharge, settleThenAdjust),
  'charge.updated': onPayment('invoicing', paymentOfCharge, settleWhenBooked), // its booking, which dates a debit or a capture

  'refund.created': onPayment('adjustments', paymentOfRefund, adjustPayment),
  'refund.updated': onPayment('adjustments', paymentOfRefund, adjustPayment),
  'refund.failed': onPayment('adjustments', paymentOfRefund, adjustPayment), // its note stays: a person decides
  'charge.refunded': onPayment('adjustments', paymentOfCharge, adjustPayment), // a hint; the refunds themselves are the truth
  'charge.refund.updated': onPayment('adjustments', paymentOfRefund, adjustPayment),
  'charge.dispute.created': onPayment('adjustments', paymentOfDispute, adjustPayment), // flags the payment, no document
  'charge.dispute.updated': onPayment('adjustments', paymentOfDispute, adjustPayment),
  'charge.dispute.funds_withdrawn': onPayment('adjustments', paymentOfDispute, adjustPayment),
  'charge.dispute.funds_reinstated': onPayment('adjustments', paymentOfDispute, adjustPayment),
  'charge.dispute.closed': onPayment('adjustments', paymentOfDispute, adjustPayment), // only `lost` leaves a document

  'checkout.session.expired': onCheckout('subscriptions', 'expired'),

  'customer.subscription.created': on('subscriptions', subscriptionOf, syncSubscription),
  'customer.subscription.updated': on('subscriptions', subscriptionOf, syncSubscription),
  'customer.subscription.deleted': on('subscriptions', subscriptionOf, syncSubscription), // of this one alone: another goes on
  'customer.subscription.paused': on('subscriptions', subscriptionOf, syncSubscription),
  'customer.subscription.resumed': on('subscriptions', subscriptionOf, syncSubscription),
  'customer.subscription.trial_will_end': on('subscriptions', subscriptionOf, syncSubscription),
  'customer.subscription.pending_update_applied': on('subscriptions', subscriptionOf, syncSubscription), // now it is paid
  'customer.subscription.pending_update_expired': on('subscriptions', subscriptionOf, syncSubscription),
  'subscription_schedule.created': on('subscriptions', subscriptionOfSchedule, syncSubscription),
  'subscription_schedule.updated': on('subscriptions', subscriptionOfSchedule, syncSubscription),
  'subscription_schedule.released': on('subscriptions', subscriptionOfSchedule, syncSubscription),
  'subscription_schedule.canceled': on('subscriptions', subscriptionOfSchedule, syncSubscription),
  'subscription_schedule.completed': on('subscriptions', subscriptionOfSchedule, syncSubscription),

  'invoice.created': on('subscriptions', invoiceOf, refreshInvoice),
  'invoice.updated': on('subscriptions', invoiceOf, refreshInvoice),
  'invoice.finalized': on('subscriptions', invoiceOf, refreshInvoice),
  'invoice.finalization_failed': on('subscriptions', invoiceOf, refreshInvoice),
  'invoice.paid': on('subscriptions', invoiceOf, refreshInvoice), // out of band and over 0, too: the one that counts
  'invoice.payment_succeeded': on('subscriptions', invoiceOf, refreshInvoice), // the same news
  'invoice.payment_failed': on('subscriptions', invoiceOf, refreshInvoice),
  'invoice.payment_action_required': on('subscriptions', invoiceOf, refreshInvoice),
  'invoice.voided': on('subscriptions', invoiceOf, refreshInvoice),
  'invoice.marked_uncollectible': on('subscriptions', invoiceOf, refreshInvoice),

  'customer.created': on('subscriptions', customerOf, followCustomer),
  'customer.updated': on('subscriptions', customerOf, followCard), // his card, his address
  'customer.deleted': on('subscriptions', customerOf, followCustomer),
  'payment_method.attached': on('subscriptions', customerOfMethod, followCard),
  'payment_method.detached': on('subscriptions', customerOfMethod, followCustomer),
  'payment_method.updated': on('subscriptions', customerOfMethod, followCard),
  'payment_method.automatically_updated': on('subscriptions', customerOfMethod, followCard), // by his bank
  'setup_intent.succeeded': on('subscriptions', customerOfMethod, followCard),

  'product.created': on('subscriptions', productOf, refreshProduct),
  'product.updated': on('subscriptions', productOf, refreshProduct),
  'product.deleted': on('subscriptions', productOf, refreshProduct),
  'price.created': on('subscriptions', priceOf, refreshPrice),
  'price.updated': on('subscriptions', priceOf, refreshPrice), // a lookup key may have moved
  'price.deleted': on('subscriptions', priceOf, refreshPrice),

  'test_helpers.test_clock.created': on('subscriptions', testClockOf, followTestClock), // in test mode alone
  'test_helpers.test_clock.advancing': on('subscriptions', testClockOf, followTestClock), // the time of before still counts
  'test_helpers.test_clock.ready': on('subscriptions', testClockOf, followTestClock),
  'test_helpers.test_clock.internal_failure': on('subscriptions', testClockOf, followTestClock),
  'test_helpers.test_clock.deleted': on('subscriptions', testClockOf, followTestClock), // its customers with it
} satisfies Record<string, EventRoute>;

const THIN = 'v1.';

/** Types that an earlier release listened to and this one does not: what is left of them ends ignored. */
const RETIRED: readonly string[] = [];

/** Brings what an event speaks of into agreement with Stripe. */
export type UseCase = (payment: PaymentRef, deps: EventDeps) => Promise<Outcome>;

export interface EventRoute {
  readonly queue: QueueName;
  /** What is done for the payment that it speaks of, if it speaks of one. */
  readonly ofPayment: UseCase | undefined;
  /** @throws ZodError when the object is not of the kind that the type promises */
  about(object: unknown): Subject<Spoken>;
}

/** What an event speaks of, and what is done about it. */
export interface Spoken {
  /** For who meets it several times. */
  readonly name: string;
  readonly payment?: PaymentRef;
  readonly bring: (deps: EventDeps) => Promise<Outcome>;
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

/** What only asks for the invoice of a payment, or for what a subscription or one of its invoices is now. */
const followers = Object.entries(stripeEvents)
  .filter(
    ([, { ofPayment: useCase }]) =>
      useCase === undefined || useCase === settleThenAdjust || useCase === settleWhenBooked,
  )
  .flatMap(([type]) => storedTypes(type));

export const knownTypes: KnownTypes = {
  all: allTypes,
  followers,
  doneAlready: `${SETTLED_ALREADY} UNION ALL ${SYNCED_ALREADY}`,
};

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

function onPayment(queue: QueueName, about: (object: unknown) => Subject<PaymentRef>, useCase: UseCase): EventRoute {
  return {
    queue,
    ofPayment: useCase,
    about: (object) => spoken(about(object), (ref) => ofPayment(ref, useCase)),
  };
}

function ofPayment(payment: PaymentRef, useCase: UseCase): Spoken {
  return { name: payment.paymentIntent, payment, bring: (deps) => useCase(payment, deps) };
}

/** A checkout sells once, or a subscription, or saves a card; with each of its events it is over. */
function onCheckout(queue: QueueName, status: SessionEnd['status']): EventRoute {
  return {
    queue,
    ofPayment: settleThenAdjust,
    about: (object) => {
      const session = idOfSession(object);
      const sold = soldInSession(object);
      const ended = (bring: Spoken['bring'] | undefined, nothing = ''): Spoken['bring'] => {
        return (deps) => endSession({ session, status }, bring, nothing, deps);
      };
      if ('nothing' in sold) return { found: { name: session, bring: ended(undefined, sold.nothing) } };
      if ('customer' in sold.found) return { found: ofOther(sold.found, followCard) };
      const spokenOf =
        'subscription' in sold.found ? ofOther(sold.found, syncBegun) : ofPayment(sold.found, settleThenAdjust);
      return { found: { ...spokenOf, bring: ended(spokenOf.bring) } };
    },
  };
}

function on<Ref extends object>(
  queue: QueueName,
  about: (object: unknown) => Subject<Ref>,
  useCase: (ref: Ref, deps: EventDeps) => Promise<Outcome>,
): EventRoute {
  return { queue, ofPayment: undefined, about: (object) => spoken(about(object), (ref) => ofOther(ref, useCase)) };
}

function ofOther<Ref extends object>(ref: Ref, useCase: (ref: Ref, deps: EventDeps) => Promise<Outcome>): Spoken {
  return { name: Object.values(ref).join(), bring: (deps) => useCase(ref, deps) };
}

function spoken<Ref>(subject: Subject<Ref>, of: (ref: Ref) => Spoken): Subject<Spoken> {
  return 'nothing' in subject ? subject : { found: of(subject.found) };
}
