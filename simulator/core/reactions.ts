import type { Context } from './context.ts';
import type { ObjectTypes } from './objects.ts';

/**
 * What one kind of object does when another one changes. A resource offers them, `context.react` calls all: so payments
 * need not know that invoices exist.
 */
export interface Reactions {
  /** A Checkout Session was paid whose `invoice_creation` is enabled: Stripe makes a paid invoice of it. */
  sessionPaid?(context: Context, session: ObjectTypes['checkout.session']): void;
  /** A payment intent reached `succeeded`; called before `payment_intent.succeeded` is emitted. */
  paymentSucceeded?(context: Context, intent: ObjectTypes['payment_intent']): void;
  /** A payment attempt failed and the intent is back at `requires_payment_method`. */
  paymentFailed?(context: Context, intent: ObjectTypes['payment_intent']): void;
}
