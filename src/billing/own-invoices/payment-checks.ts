import type Stripe from 'stripe';
import type { AttemptRow } from './checkout-attempts.ts';
import { amountsOf } from './invoice-total.ts';
import type { OwnInvoice } from './invoices.ts';

/**
 * The five checks, pure: only a payment that passes all of them makes an own invoice paid. What a browser says is no part
 * of it. The fifth, that the payment was not used before, is a constraint in Postgres; here its answer comes in.
 */
export interface Checked {
  readonly session: Stripe.Checkout.Session;
  readonly intent: Stripe.PaymentIntent | null;
  readonly invoice: OwnInvoice;
  readonly attempt: AttemptRow;
  /** Mode of our secret key. */
  readonly livemode: boolean;
  /** The own invoice that this payment settled already, if any. */
  readonly usedFor: string | null;
}

export type CheckResult =
  | { readonly end: 'passed'; readonly intent: Stripe.PaymentIntent }
  /** Nothing is wrong, and nothing is paid (yet). */
  | { readonly end: 'not_paid'; readonly state: 'open' | 'processing' | 'failed' | 'expired' }
  | Mismatch;

export interface Mismatch {
  readonly end: 'mismatch';
  readonly check: string;
  readonly expected: unknown;
  readonly found: unknown;
}

export function checkPayment({ session, intent, invoice, attempt, livemode, usedFor }: Checked): CheckResult {
  if (session.livemode !== livemode) return mismatch('mode', livemode, session.livemode);
  for (const named of [session.metadata?.quittance_invoice, session.client_reference_id, attempt.invoice]) {
    if (named !== invoice.id) return mismatch('invoice', invoice.id, named ?? 'none');
  }
  if (session.id !== attempt.stripe_session) return mismatch('session', attempt.stripe_session, session.id);

  if (session.status === 'open') return { end: 'not_paid', state: 'open' };
  if (session.status === 'expired') return { end: 'not_paid', state: 'expired' };
  // A bank debit that came back: the session stays complete and unpaid, its payment intent starts over.
  if (session.payment_status === 'unpaid') {
    const cameBack = intent?.status === 'requires_payment_method' || intent?.status === 'canceled';
    return { end: 'not_paid', state: cameBack ? 'failed' : 'processing' };
  }
  if (intent?.status !== 'succeeded') return mismatch('status', 'succeeded', intent?.status ?? 'no payment');

  // Computed anew from the invoice, not taken from what the session was opened with.
  const expected = amountsOf(invoice.lines, invoice.prices_include_tax, attempt.extras).gross;
  if (session.amount_total !== expected) return mismatch('amount', expected, session.amount_total);
  if (intent.amount_received !== expected) return mismatch('amount received', expected, intent.amount_received);
  if (session.currency !== invoice.currency) return mismatch('currency', invoice.currency, session.currency);
  if (intent.currency !== invoice.currency) return mismatch('currency', invoice.currency, intent.currency);

  if (usedFor !== null && usedFor !== invoice.id) return mismatch('payment used before', 'unused', usedFor);
  return { end: 'passed', intent };
}

function mismatch(check: string, expected: unknown, found: unknown): Mismatch {
  return { end: 'mismatch', check, expected, found };
}
