import type { Context } from '../core/context.ts';
import { refused } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { approveCharge, captureCharge, type Failure, failCharge, newCharge } from './charge.ts';
import { checkStep, unexpectedState } from './intent.ts';
import { attach, behaviourOf } from './payment-method.ts';

type PaymentIntent = ObjectTypes['payment_intent'];
type PaymentMethod = ObjectTypes['payment_method'];

export interface Confirmation {
  offSession?: boolean;
  errorOnRequiresAction?: boolean;
  returnUrl?: string | undefined;
  /** The buyer has just proved who they are: no further `requires_action`. */
  authenticated?: boolean;
}

/**
 * Charges the intent's payment method. The intent ends at succeeded, requires_capture, processing, requires_action, or,
 * when the bank declines, at requires_payment_method with the decline in `last_payment_error`; that one is returned.
 * Source: https://docs.stripe.com/payments/paymentintents/lifecycle
 */
export function confirmIntent(
  context: Context,
  intent: PaymentIntent,
  method: PaymentMethod,
  how: Confirmation = {},
): Failure | undefined {
  intent.payment_method = method.id;
  intent.next_action = null;
  const behaviour = behaviourOf(method);
  if (behaviour.kind === 'authenticates' && how.authenticated !== true) {
    if (how.offSession === true || how.errorOnRequiresAction === true) {
      return declined(context, intent, method, {
        code: 'authentication_required',
        declineCode: 'authentication_required',
        message: 'Your card was declined. This transaction requires authentication.',
      });
    }
    return askForAuthentication(context, intent, how.returnUrl);
  }
  if (behaviour.kind === 'declines') return declined(context, intent, method, behaviour);
  if (behaviour.kind === 'settles') return debit(context, intent, method, behaviour.succeeds);
  const charge = newCharge(context, intent, method);
  intent.latest_charge = charge.id;
  const manual = intent.capture_method === 'manual';
  approveCharge(context, charge, !manual);
  if (manual) {
    intent.status = 'requires_capture';
    intent.amount_capturable = intent.amount;
    context.emit('payment_intent.amount_capturable_updated', intent);
  } else {
    succeed(context, intent, method, intent.amount);
  }
  return undefined;
}

/** Sends the buyer away to prove who they are; `settleAuthentication` is what they come back with. */
function askForAuthentication(context: Context, intent: PaymentIntent, returnUrl: string | undefined): undefined {
  intent.status = 'requires_action';
  const url = `${context.home.baseUrl}/c/authenticate/${intent.id}`;
  intent.next_action = {
    type: 'redirect_to_url',
    redirect_to_url: { return_url: returnUrl ?? null, url },
  };
  context.emit('payment_intent.requires_action', intent);
  return undefined;
}

/** The buyer passed the bank's check, or did not. */
export function settleAuthentication(context: Context, intent: PaymentIntent, passed: boolean): Failure | undefined {
  const method = context.store.payment_method.get(intent.payment_method ?? '');
  if (intent.status !== 'requires_action' || method === undefined) throw unexpectedState(intent, 'authenticated', []);
  if (passed) return confirmIntent(context, intent, method, { authenticated: true });
  const failure = {
    code: 'payment_intent_authentication_failure',
    message:
      'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
  };
  giveUp(context, intent, method, failure);
  return failure;
}

/** A bank debit: processing now, and the answer of the bank days later or when `settleDebit` is told to hurry. */
function debit(context: Context, intent: PaymentIntent, method: PaymentMethod, willSucceed: boolean): undefined {
  const charge = newCharge(context, intent, method);
  intent.latest_charge = charge.id;
  intent.status = 'processing';
  context.emit('payment_intent.processing', intent);
  context.emit('charge.pending', charge);
  context.later(context.account.settings.settleDelayMs, (later) => {
    if (intent.status === 'processing' && intent.latest_charge === charge.id) settleDebit(later, intent, willSucceed);
  });
  return undefined;
}

/** The bank's answer to a debit that is processing. */
export function settleDebit(context: Context, intent: PaymentIntent, success: boolean): void {
  const charge = context.store.charge.need(intent.latest_charge ?? '');
  const method = context.store.payment_method.need(charge.payment_method ?? '');
  if (success) {
    approveCharge(context, charge, true);
    succeed(context, intent, method, intent.amount);
    return;
  }
  const failure = {
    code: 'insufficient_funds',
    message: "The customer's account has insufficient funds to cover this payment.",
  };
  failCharge(context, charge, failure);
  giveUp(context, intent, method, failure, charge.id);
}

/** Takes what was held; `amount` in minor units, at most what was authorised. */
export function captureIntent(context: Context, intent: PaymentIntent, amount: number | undefined): void {
  if (intent.status !== 'requires_capture') throw unexpectedState(intent, 'captured', ['requires_capture']);
  const taken = amount ?? intent.amount_capturable;
  if (taken > intent.amount_capturable) {
    const message = `The amount you requested to capture is greater than the remaining capturable amount on this PaymentIntent (${intent.amount_capturable}).`;
    throw refused(message, { code: 'amount_too_large', param: 'amount_to_capture', payment_intent: intent });
  }
  checkStep(taken, intent.currency, 'amount_to_capture');
  captureCharge(context, context.store.charge.need(intent.latest_charge ?? ''), taken);
  succeed(context, intent, undefined, taken);
}

function succeed(context: Context, intent: PaymentIntent, method: PaymentMethod | undefined, received: number): void {
  intent.status = 'succeeded';
  intent.amount_received = received;
  intent.amount_capturable = 0;
  intent.last_payment_error = null;
  intent.next_action = null;
  intent.processing = null;
  if (intent.setup_future_usage !== null && intent.customer !== null && method?.customer === null) {
    attach(context, method, intent.customer);
  }
  context.emit('payment_intent.succeeded', intent);
}

function declined(context: Context, intent: PaymentIntent, method: PaymentMethod, failure: Failure): Failure {
  const charge = newCharge(context, intent, method);
  failCharge(context, charge, failure);
  intent.latest_charge = charge.id;
  giveUp(context, intent, method, failure, charge.id);
  return failure;
}

/** Back to requires_payment_method, with the reason; emits `payment_intent.payment_failed`. */
function giveUp(
  context: Context,
  intent: PaymentIntent,
  method: PaymentMethod,
  { code, declineCode, message }: Failure,
  charge?: string,
): void {
  intent.status = 'requires_payment_method';
  intent.payment_method = null;
  intent.next_action = null;
  intent.processing = null;
  intent.last_payment_error = {
    ...(charge === undefined ? {} : { charge }),
    code,
    ...(declineCode === undefined ? {} : { decline_code: declineCode }),
    doc_url: `https://docs.stripe.com/error-codes/${code.replaceAll('_', '-')}`,
    message,
    payment_method: method,
    type: charge === undefined ? 'invalid_request_error' : 'card_error',
  };
  context.emit('payment_intent.payment_failed', intent);
}
