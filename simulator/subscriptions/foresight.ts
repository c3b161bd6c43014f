import type { Context } from '../core/context.ts';
import { refused, StripeError } from '../core/errors.ts';
import { behaviourOf } from '../payments/payment-method.ts';

/** Where nobody is to be charged without a payment method. */
export function missingMethod(): StripeError {
  return refused(
    'This customer has no attached payment source or default payment method. Please consider adding a default payment method. For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.',
    { code: 'resource_missing' },
  );
}

/**
 * What an attempt to collect would be refused with, found out without trying: a handler has no roll-back, and
 * `error_if_incomplete` leaves no trace. `due` is in minor units.
 */
export function refusalAhead(context: Context, methodId: string | null, due: number): StripeError | undefined {
  if (due === 0) return undefined;
  const method = context.store.payment_method.get(methodId ?? '');
  if (method === undefined) return missingMethod();
  const behaviour = behaviourOf(method);
  if (behaviour.kind === 'declines') {
    const { code, declineCode, message } = behaviour;
    const details = declineCode === undefined ? { code } : { code, decline_code: declineCode };
    return new StripeError(402, 'card_error', message, details);
  }
  if (behaviour.kind !== 'authenticates') return undefined;
  const message =
    'Payment for this subscription requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with the Invoice at `invoice.payments` where `is_default=true`';
  return new StripeError(402, 'card_error', message, { code: 'subscription_payment_intent_requires_action' });
}
