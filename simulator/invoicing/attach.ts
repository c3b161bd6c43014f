import type { Context } from '../core/context.ts';
import { missingParam, refused } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { link, paymentsBy, unallocated } from './invoice-payment.ts';
import type { Invoice } from './lines.ts';
import { receive } from './settle.ts';

type PaymentIntent = ObjectTypes['payment_intent'];

/**
 * Credits a payment that was made elsewhere in this account to an open invoice; one that has not succeeded yet counts when it
 * does. Source: https://docs.stripe.com/invoicing/partial-payments. Which intents Stripe refuses is our best knowledge.
 */
export function attachIntent(context: Context, invoice: Invoice, intentId: string | undefined): Invoice {
  if (intentId === undefined) throw missingParam('payment_intent');
  const intent = context.store.payment_intent.need(intentId, 'payment_intent');
  if (invoice.status !== 'open') {
    throw refused(`You can only attach payments to open invoices. This invoice has a status of ${invoice.status}.`);
  }
  checkIntent(invoice, intent);
  const succeeded = intent.status === 'succeeded';
  const payment = link(context, invoice, intent, succeeded ? unallocated(intent) : intent.amount, false);
  if (succeeded) receive(context, invoice, payment, intent);
  return invoice;
}

function checkIntent(invoice: Invoice, intent: PaymentIntent): void {
  const refuse = (message: string): never => {
    throw refused(message, { param: 'payment_intent' });
  };
  if (intent.status === 'canceled') refuse('A canceled PaymentIntent cannot be attached to an invoice.');
  if (intent.currency !== invoice.currency) {
    refuse(`The PaymentIntent is in ${intent.currency}, but the invoice is in ${invoice.currency}.`);
  }
  if (intent.customer !== invoice.customer) {
    refuse('The customer of the PaymentIntent does not match the customer of the invoice.');
  }
  const payments = paymentsBy(intent);
  if (payments.some(({ is_default }) => is_default)) {
    refuse('The PaymentIntent was created by an invoice and cannot be attached to another one.');
  }
  if (payments.some((payment) => payment.invoice === invoice.id)) {
    refuse('The PaymentIntent is already attached to this invoice.');
  }
  if (intent.status === 'succeeded' && unallocated(intent) <= 0) {
    refuse('The PaymentIntent is already fully allocated to other invoices.');
  }
}
