import type { Context } from '../core/context.ts';
import { HiddenField } from '../core/hidden-field.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { cancelIntent, createIntent } from '../payments/intent.ts';
import { customerOf } from './figures.ts';
import type { Invoice } from './lines.ts';
import { sum } from './totals.ts';

export type InvoicePayment = ObjectTypes['invoice_payment'];
type PaymentIntent = ObjectTypes['payment_intent'];

const byInvoice = new HiddenField<Invoice, InvoicePayment[]>('byInvoice');
const byIntent = new HiddenField<PaymentIntent, InvoicePayment[]>('byIntent');

/** The payments of an invoice, oldest first. */
export const paymentsOf = (invoice: Invoice): readonly InvoicePayment[] => byInvoice.get(invoice) ?? [];

/** The invoices that a payment intent pays for, through their payments. */
export const paymentsBy = (intent: PaymentIntent): readonly InvoicePayment[] => byIntent.get(intent) ?? [];

/** Ties an intent to an invoice. `requested` is what it should pay of it, in minor units. */
export function link(
  context: Context,
  invoice: Invoice,
  intent: PaymentIntent,
  requested: number,
  isDefault: boolean,
): InvoicePayment {
  const payment = context.store.invoice_payment.add({
    id: context.id('inpay_'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: requested,
    created: context.now(),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: isDefault,
    livemode: context.livemode,
    payment: { payment_intent: intent.id, type: 'payment_intent' },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  });
  byInvoice.set(invoice, [...paymentsOf(invoice), payment]);
  byIntent.set(intent, [...paymentsBy(intent), payment]);
  return payment;
}

/** What has come in through an intent and was not yet counted towards an invoice. */
export function unallocated(intent: PaymentIntent): number {
  return intent.amount_received - sum(paymentsBy(intent).map(({ amount_paid }) => amount_paid ?? 0));
}

/** The invoice's own payment method, then that of its subscription, then the customer's. */
export function methodIdOf(context: Context, invoice: Invoice): string | null {
  const subscription = context.store.subscription.get(invoice.parent?.subscription_details?.subscription ?? '');
  return (
    invoice.default_payment_method ??
    subscription?.default_payment_method ??
    customerOf(context, invoice)?.invoice_settings.default_payment_method ??
    null
  );
}

/** The payment that finalization makes: nobody has tried it yet. Emits `payment_intent.created`. */
export function createDefaultIntent(context: Context, invoice: Invoice): PaymentIntent {
  const method = methodIdOf(context, invoice);
  return createIntent(context, {
    amount: invoice.amount_due,
    currency: invoice.currency,
    customer: invoice.customer,
    description: 'Payment for Invoice',
    payment_method: method,
    statement_descriptor: invoice.statement_descriptor,
    status: method === null ? 'requires_payment_method' : 'requires_confirmation',
  });
}

export const defaultPayment = (invoice: Invoice): InvoicePayment | undefined =>
  paymentsOf(invoice).find(({ is_default }) => is_default);

/** The intent that finalization made, while it can still be paid. */
export function openDefaultIntent(context: Context, invoice: Invoice): PaymentIntent | undefined {
  const payment = defaultPayment(invoice);
  if (payment?.status !== 'open') return undefined;
  return context.store.payment_intent.get(payment.payment.payment_intent ?? '');
}

/** Nothing is left for the default payment: it ends, and its intent with it. Emits `payment_intent.canceled`. */
export function cancelDefault(
  context: Context,
  invoice: Invoice,
  reason: PaymentIntent['cancellation_reason'] = null,
): void {
  const payment = defaultPayment(invoice);
  const intent = openDefaultIntent(context, invoice);
  if (payment === undefined || intent === undefined || intent.status === 'processing') return;
  payment.status = 'canceled';
  payment.status_transitions.canceled_at = context.now();
  cancelIntent(context, intent, reason);
}

/** "Stripe … keeps it synchronized with the invoice's amount_remaining." */
export function syncDefault(context: Context, invoice: Invoice): void {
  const payment = defaultPayment(invoice);
  const intent = openDefaultIntent(context, invoice);
  if (payment === undefined || intent === undefined || intent.status === 'processing') return;
  payment.amount_requested = invoice.amount_remaining;
  intent.amount = invoice.amount_remaining;
}
