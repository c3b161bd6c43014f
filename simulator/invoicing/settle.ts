import type { Context } from '../core/context.ts';
import { HiddenField } from '../core/hidden-field.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { changeBalance } from '../customers/balance.ts';
import { customerOf } from './figures.ts';
import { cancelDefault, type InvoicePayment, syncDefault, unallocated } from './invoice-payment.ts';
import type { Invoice } from './lines.ts';

type PaymentIntent = ObjectTypes['payment_intent'];

/** Paid outside of Stripe, in minor units: shown as `amount_paid_off_stripe` to those who expand it. */
const offStripe = new HiddenField<Invoice, number>('offStripe');

export const paidOffStripe = (invoice: Invoice): number => offStripe.get(invoice) ?? 0;

/**
 * Counts what a succeeded intent has brought towards its invoice. More than is left goes to the customer's balance and the
 * invoice is overpaid; less leaves it open. Emits invoice_payment.paid, invoice.updated and, if it is paid, invoice.paid.
 */
export function receive(context: Context, invoice: Invoice, payment: InvoicePayment, intent: PaymentIntent): void {
  const available = unallocated(intent);
  const towards = invoice.status === 'void' ? 0 : Math.min(available, invoice.amount_remaining);
  const wasPaid = invoice.status === 'paid';
  payment.amount_paid = available;
  payment.status = 'paid';
  payment.status_transitions.paid_at = context.now();
  context.change(invoice, 'invoice.updated', () => {
    invoice.amount_paid += towards;
    invoice.amount_overpaid += available - towards;
    invoice.amount_remaining -= towards;
    if (payment.is_default) countAttempt(invoice);
    if (invoice.amount_remaining === 0 && invoice.status !== 'void') becomePaid(context, invoice);
  });
  context.emit('invoice_payment.paid', payment);
  creditOverpayment(context, invoice, available - towards);
  if (invoice.status !== 'paid') syncDefault(context, invoice);
  else if (!wasPaid) announcePaid(context, invoice, payment);
}

function announcePaid(context: Context, invoice: Invoice, payment: InvoicePayment): void {
  if (!payment.is_default) cancelDefault(context, invoice);
  context.emit('invoice.paid', invoice);
  context.emit('invoice.payment_succeeded', invoice);
  if (invoice.amount_overpaid > 0) context.emit('invoice.overpaid', invoice);
}

/** "The amount overpaid is credited to the customer's credit balance." */
function creditOverpayment(context: Context, invoice: Invoice, amount: number): void {
  const customer = customerOf(context, invoice);
  if (amount === 0 || customer === undefined) return;
  const { currency, id } = invoice;
  changeBalance(context, customer, { amount: -amount, currency, type: 'invoice_overpaid', invoice: id });
}

/** Somebody says that it was paid elsewhere. No money moves; the default payment intent is canceled. */
export function payOutOfBand(context: Context, invoice: Invoice): void {
  offStripe.set(invoice, paidOffStripe(invoice) + invoice.amount_remaining);
  context.change(invoice, 'invoice.updated', () => {
    invoice.amount_paid += invoice.amount_remaining;
    invoice.attempted = true;
    becomePaid(context, invoice);
  });
  cancelDefault(context, invoice);
  context.emit('invoice.paid', invoice);
}

/** Nothing is due, or nothing any more: paid without a payment, whatever auto_advance says. */
export function settleWithoutPayment(context: Context, invoice: Invoice): void {
  context.change(invoice, 'invoice.updated', () => {
    invoice.attempted = true;
    becomePaid(context, invoice);
  });
  cancelDefault(context, invoice);
  context.emit('invoice.paid', invoice);
}

function becomePaid(context: Context, invoice: Invoice): void {
  invoice.status = 'paid';
  invoice.amount_remaining = 0;
  invoice.auto_advance = false;
  invoice.next_payment_attempt = null;
  invoice.status_transitions.paid_at = context.now();
}

/** "Any payment attempt counts as the first attempt": later ones count only when Stripe makes them by itself. */
export function countAttempt(invoice: Invoice): void {
  invoice.attempted = true;
  invoice.attempt_count = Math.max(1, invoice.attempt_count);
}
