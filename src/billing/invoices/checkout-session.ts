import type Stripe from 'stripe';
import { toUnix } from '../../platform/clock.ts';
import { bug } from '../../platform/errors.ts';
import type { Deps } from '../deps.ts';
import { type AttemptRow, recordSession } from './checkout-attempts.ts';
import type { OwnInvoice } from './invoices.ts';
import { tokenOf } from './public-link.ts';

/**
 * Creates the Checkout Session of an attempt. Everything it is made from is stored with the attempt, so that asking again
 * under the same key, after a crash or a lost answer, gets the same session.
 */
export async function createSession(
  attempt: AttemptRow,
  invoice: OwnInvoice,
  { db, stripe, publicUrl }: Pick<Deps, 'db' | 'stripe' | 'publicUrl'>,
): Promise<Stripe.Checkout.Session> {
  const page = `${publicUrl}/i/${await tokenOf(db, invoice)}`;
  const mark = { quittance_invoice: invoice.id, quittance_attempt: String(attempt.attempt) };
  const name = `Invoice ${invoice.number ?? bug(`invoice ${invoice.id} has no number`)}`;
  const session = await stripe.checkout.sessions.create(
    {
      mode: 'payment',
      client_reference_id: invoice.id,
      line_items: [
        {
          quantity: 1,
          price_data: { currency: attempt.currency, unit_amount: attempt.amount, product_data: { name } },
        },
      ],
      // The session's metadata is not copied to the payment intent: both are marked.
      metadata: mark,
      payment_intent_data: { metadata: mark, description: name },
      ...(invoice.customer_email ? { customer_email: invoice.customer_email } : {}),
      success_url: `${page}/return?session_id={CHECKOUT_SESSION_ID}`,
      cancel_url: page,
      expires_at: toUnix(attempt.expires_at),
      // The customer pays in the invoice's currency and this very amount.
      adaptive_pricing: { enabled: false },
    },
    { idempotencyKey: `quittance:checkout:${invoice.id}:${attempt.attempt}` },
  );
  await recordSession(db, attempt.id, session.id, session.url);
  return session;
}
