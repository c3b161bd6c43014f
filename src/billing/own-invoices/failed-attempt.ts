import type { Knex } from 'knex';
import type Stripe from 'stripe';
import { fromUnix } from '../../platform/clock.ts';
import type { Deps } from '../deps/deps.ts';
import { declineWords } from './decline-words.ts';
import type { OwnInvoice } from './invoices.ts';
import { logPayment } from './payment-log.ts';

/** A try to pay that did not work. */
export interface FailedAttempt {
  /** What makes it one and the same: its charge, or what went wrong before there was one. */
  readonly key: string;
  /** For the customer. */
  readonly words: string;
  readonly at: Date;
}

/**
 * All failed tries of a payment, oldest first, pure. Each try that reached the bank left a charge; one that did not (a
 * confirmation that was not given) shows only as the last error of the payment intent.
 */
export function failedAttempts(
  intent: Stripe.PaymentIntent,
  charges: readonly Stripe.Charge[],
  now: Date,
): FailedAttempt[] {
  const attempts = charges
    .filter(({ status }) => status === 'failed')
    .sort((a, b) => a.created - b.created)
    .map(({ id, created, failure_code, outcome, payment_method_details: details }) => ({
      key: id,
      words: declineWords(
        { code: failure_code ?? undefined, decline_code: outcome?.reason ?? undefined },
        details?.type,
      ),
      at: fromUnix(created),
    }));
  const error = intent.last_payment_error;
  if (!error || error.charge) return attempts;
  const key = `${intent.id}:${error.decline_code ?? error.code ?? 'failed'}`;
  return [...attempts, { key, words: declineWords(error, error.payment_method?.type), at: now }];
}

/** Notes that a try to pay an invoice failed, once. */
export async function noteFailedAttempt(
  trx: Knex.Transaction,
  invoice: OwnInvoice,
  intent: Stripe.PaymentIntent,
  session: string | null,
  { key, words, at }: FailedAttempt,
  { changed }: Pick<Deps, 'changed'>,
): Promise<void> {
  const entry = await logPayment(trx, {
    invoice: invoice.id,
    kind: 'attempt_failed',
    key,
    at,
    amount: intent.amount,
    currency: intent.currency,
    paymentIntent: intent.id,
    ...(session ? { session } : {}),
    text: words,
  });
  // Whoever has paid since needs no word of what did not work before.
  const turned = intent.status === 'succeeded' ? 'overtaken' : 'failed';
  if (entry) await changed(trx, { record: 'payment_attempt', id: entry, turned });
}
