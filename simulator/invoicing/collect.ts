import type { Context } from '../core/context.ts';
import { refused, StripeError } from '../core/errors.ts';
import { HiddenField } from '../core/hidden-field.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { confirmIntent } from '../payments/attempt.ts';
import { methodIdOf, openDefaultIntent } from './invoice-payment.ts';
import type { Invoice } from './lines.ts';
import { countAttempt } from './settle.ts';

type PaymentMethod = ObjectTypes['payment_method'];

const HOUR = 3600;

/** The attempts that are planned; calling the function calls one off. */
const planned = new HiddenField<Invoice, () => void>('planned');

/** The payment method that Stripe would charge: https://docs.stripe.com/billing/subscriptions/payment-methods-setting */
export const methodFor = (context: Context, invoice: Invoice): PaymentMethod | undefined =>
  context.store.payment_method.get(methodIdOf(context, invoice) ?? '');

/**
 * Tries to collect an open invoice from this payment method. What follows from the outcome happens in the reactions of the
 * invoice to its intent; a decline, or a bank that wants to see the customer, is the 402 that `pay` answers with.
 */
export function charge(context: Context, invoice: Invoice, method: PaymentMethod): void {
  const intent = openDefaultIntent(context, invoice);
  if (intent === undefined) throw new Error(`Bug: invoice ${invoice.id} has no payment intent to charge`);
  if (intent.status === 'processing') {
    throw refused('This invoice has a payment that is still processing.', { payment_intent: intent });
  }
  const failure = confirmIntent(context, intent, method);
  if (failure !== undefined) {
    const { code, declineCode, message } = failure;
    throw new StripeError(402, 'card_error', message, {
      code,
      ...(declineCode === undefined ? {} : { decline_code: declineCode }),
      payment_intent: intent,
    });
  }
  if (intent.status === 'requires_action') {
    context.change(invoice, 'invoice.updated', () => countAttempt(invoice));
    context.emit('invoice.payment_action_required', invoice);
    const message =
      'This payment requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with the Invoice.';
    throw new StripeError(402, 'card_error', message, {
      code: 'invoice_payment_intent_requires_action',
      payment_intent: intent,
    });
  }
}

/** An attempt failed, or there was nothing to charge: counts it and plans the next one. Emits `invoice.payment_failed`. */
export function recordFailure(context: Context, invoice: Invoice): void {
  context.change(invoice, 'invoice.updated', () => {
    countAttempt(invoice);
    if (!planned.has(invoice)) planRetry(context, invoice);
  });
  context.emit('invoice.payment_failed', invoice);
}

function planRetry(context: Context, invoice: Invoice): void {
  const days = context.account.settings.retryDays[invoice.attempt_count - 1];
  const retries = invoice.auto_advance === true && invoice.collection_method === 'charge_automatically';
  if (!retries || days === undefined) invoice.next_payment_attempt = null;
  else planAttempt(context, invoice, days * 24 * HOUR);
}

/** Stripe will collect, or send the bill, in so many seconds, if the invoice still advances by itself then. */
export function planAttempt(context: Context, invoice: Invoice, seconds: number): void {
  planned.get(invoice)?.();
  if (invoice.collection_method === 'charge_automatically') invoice.next_payment_attempt = context.now() + seconds;
  const callOff = context.later(seconds * 1000, (later) => {
    if (invoice.status === 'open' && invoice.auto_advance === true) attemptByItself(later, invoice);
  });
  planned.set(invoice, callOff);
}

/** What Stripe does when an invoice's time has come. */
export function attemptByItself(context: Context, invoice: Invoice): void {
  planned.get(invoice)?.();
  planned.delete(invoice);
  invoice.next_payment_attempt = null;
  if (invoice.collection_method === 'send_invoice') {
    context.emit('invoice.sent', invoice);
    return;
  }
  if (invoice.attempt_count > 0) invoice.attempt_count++;
  const method = methodFor(context, invoice);
  if (method === undefined) {
    recordFailure(context, invoice);
    return;
  }
  try {
    charge(context, invoice, method);
  } catch (error) {
    // Nobody waits for the answer: the events have told it.
    if (!(error instanceof StripeError)) throw error;
  }
}
