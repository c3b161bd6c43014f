import type { Knex } from 'knex';
import type Stripe from 'stripe';
import { announce, queueMail } from '../../messages/outbox.ts';
import { declineWords } from './decline-words.ts';
import type { OwnInvoice } from './invoices.ts';
import { logPayment } from './payment-log.ts';

/** Notes that a try to pay an invoice failed: in the log each time, by mail once a day at the most. */
export async function noteFailedAttempt(
  trx: Knex.Transaction,
  invoice: OwnInvoice,
  intent: Stripe.PaymentIntent,
  session: string | null,
): Promise<void> {
  const error = intent.last_payment_error;
  if (!error) return;
  const words = declineWords(error);
  const money = { amount: intent.amount, currency: intent.currency };
  const fresh = await logPayment(trx, {
    invoice: invoice.id,
    kind: 'attempt_failed',
    key: error.charge ?? `${intent.id}:${error.decline_code ?? error.code ?? 'failed'}`,
    ...money,
    paymentIntent: intent.id,
    ...(session ? { session } : {}),
    text: words,
  });
  if (!fresh) return;
  await announce(trx, {
    type: 'payment.failed',
    key: error.charge ?? intent.id,
    data: { invoice: invoice.id, number: invoice.number, payment_intent: intent.id, reason: words, ...money },
  });
  if (!invoice.customer_email || invoice.status !== 'issued') return;
  const day = new Date().toISOString().slice(0, 10);
  await queueMail(trx, {
    kind: 'payment_failed',
    key: `payment_failed:${invoice.id}:${day}`,
    recipient: invoice.customer_email,
    data: { invoice: invoice.id, words },
  });
}
