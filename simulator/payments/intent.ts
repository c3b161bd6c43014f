import type { Context } from '../core/context.ts';
import { chargeStep, formatAmount, maximumCharge, minimumCharge } from '../core/currencies.ts';
import { refused, type StripeError } from '../core/errors.ts';
import { token } from '../core/ids.ts';
import type { ObjectTypes } from '../core/objects.ts';

type PaymentIntent = ObjectTypes['payment_intent'];

/** What an intent starts with; everything else has Stripe's default. */
export type IntentFields = Pick<PaymentIntent, 'amount' | 'currency'> & Partial<PaymentIntent>;

/** Stores a new intent at `requires_payment_method` and emits `payment_intent.created`. */
export function createIntent(context: Context, fields: IntentFields): PaymentIntent {
  checkAmount(fields.amount, fields.currency);
  const id = context.id('pi_');
  const intent: PaymentIntent = {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic_async',
    client_secret: `${id}_secret_${token(25)}`,
    confirmation_method: 'automatic',
    created: context.now(),
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: context.livemode,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_group: null,
    ...fields,
  };
  context.store.payment_intent.add(intent);
  context.emit('payment_intent.created', intent);
  return intent;
}

export function checkAmount(amount: number, currency: string): void {
  if (amount < minimumCharge(currency)) {
    const message = `Amount must be at least ${formatAmount(minimumCharge(currency), currency)} ${currency}`;
    throw refused(message, { code: 'amount_too_small', param: 'amount' });
  }
  if (amount > maximumCharge(currency)) {
    const message = `Amount must be no more than ${formatAmount(maximumCharge(currency), currency)} ${currency}`;
    throw refused(message, { code: 'amount_too_large', param: 'amount' });
  }
  checkStep(amount, currency, 'amount');
}

/** For every amount that is charged, captured or paid back. */
export function checkStep(amount: number, currency: string, param: string): void {
  const step = chargeStep(currency);
  if (amount % step === 0) return;
  throw refused(`Invalid amount: amounts in ${currency} must be evenly divisible by ${step}, got ${amount}.`, {
    code: 'invalid_charge_amount',
    param,
  });
}

const CANCELABLE = ['requires_payment_method', 'requires_capture', 'requires_confirmation', 'requires_action'];

/** Ends an intent that was not paid. `reason` is Stripe's own for those that Stripe cancels (`void_invoice`). */
export function cancelIntent(
  context: Context,
  intent: PaymentIntent,
  reason: PaymentIntent['cancellation_reason'],
): PaymentIntent {
  if (!CANCELABLE.includes(intent.status)) throw unexpectedState(intent, 'canceled', CANCELABLE);
  intent.status = 'canceled';
  intent.canceled_at = context.now();
  intent.cancellation_reason = reason;
  intent.amount_capturable = 0;
  intent.next_action = null;
  context.emit('payment_intent.canceled', intent);
  return intent;
}

/** "You cannot confirm this PaymentIntent because it has a status of canceled …": code payment_intent_unexpected_state. */
export function unexpectedState(intent: PaymentIntent, done: string, allowed: readonly string[]): StripeError {
  const message =
    done === 'confirmed' && intent.status === 'succeeded'
      ? 'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.'
      : `This PaymentIntent could not be ${done} because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be ${done}: ${allowed.join(', ')}.`;
  return refused(message, { code: 'payment_intent_unexpected_state', payment_intent: intent });
}
