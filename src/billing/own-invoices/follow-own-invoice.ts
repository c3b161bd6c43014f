import type Stripe from 'stripe';
import { asciiAddress } from '../../platform/email-address.ts';
import { formatMoney } from '../../platform/money.ts';
import type { Payment } from '../../stripe/payment.ts';
import type { Deps } from '../deps/deps.ts';
import { askPersonOnce } from '../desk/review-items.ts';
import type { Recipient } from '../payments/document.ts';
import type { MoneyArrival } from '../payments/money-arrival.ts';
import { type AttemptRow, attemptByNumber, attemptOfSession, recordSession } from './checkout-attempts.ts';
import { applySession, type Confirmation } from './confirm-checkout.ts';
import { failedAttempts, noteFailedAttempt } from './failed-attempt.ts';
import { isMadeFor } from './find-session.ts';
import { findInvoice, type InvoiceRow, type OwnInvoice } from './invoices.ts';

/**
 * A payment that was made for an own invoice settles that invoice first. Works from the facts that were fetched anyway and
 * one more read: the charges, each failed try among them.
 * @returns undefined when the payment is not for an own invoice
 */
export async function followOwnInvoice(
  payment: Payment,
  deps: Deps,
  arrival: MoneyArrival,
): Promise<Confirmation | undefined> {
  const { intent, session } = payment;
  const id = intent.metadata.quittance_invoice ?? session?.metadata?.quittance_invoice;
  const invoice = id ? await findInvoice(deps.db, id) : undefined;
  if (!invoice) return undefined;

  const attempt = session ? await attemptOf(session, invoice, deps) : undefined;
  if (!session || !attempt) return leaveForeign(payment, invoice, deps);

  const charges = await deps.stripe.charges.list({ payment_intent: intent.id, limit: 100 });
  const failed = failedAttempts(intent, charges.data, deps.clock());
  await deps.db.transaction(async (trx) => {
    for (const each of failed) await noteFailedAttempt(trx, invoice, intent, session.id, each, deps);
  });
  return applySession({ ...session, payment_intent: intent }, attempt, deps, arrival);
}

/**
 * It names the invoice, but whoever has the account's key can write that: the invoice stays as it is, payable if it was,
 * its customer hears nothing of it, and once there is money a person is asked.
 */
async function leaveForeign({ intent, session }: Payment, invoice: OwnInvoice, { db }: Deps): Promise<Confirmation> {
  if (intent.status !== 'succeeded') return { end: 'open', invoice };
  const money = { amount: intent.amount_received, currency: intent.currency };
  const reason = `Payment ${intent.id} of ${formatMoney(money)} names invoice ${invoice.number}, but was not made on a payment page of ours.`;
  await askPersonOnce(db, {
    kind: 'payment_mismatch',
    subject: intent.id,
    summary: `${reason} The invoice was not marked paid.`,
    details: {
      invoice: invoice.id,
      check: 'session',
      expected: 'a session of ours',
      found: session?.id ?? null,
      ...money,
    },
  });
  return { end: 'mismatch', invoice, reason };
}

/** A session whose creation was not recorded (the process died, or its answer was lost) is known by what it was made of. */
async function attemptOf(
  session: Stripe.Checkout.Session,
  invoice: OwnInvoice,
  { db }: Deps,
): Promise<AttemptRow | undefined> {
  const known = await attemptOfSession(db, session.id);
  if (known) return known;
  const attempt = await attemptByNumber(db, invoice.id, Number(session.metadata?.quittance_attempt));
  if (!attempt || attempt.stripe_session || !isMadeFor(session, attempt)) return undefined;
  await recordSession(db, attempt.id, session.id, null);
  return attemptOfSession(db, session.id);
}

/** Whom its Stripe invoice is made out to, whoever has paid. */
export function recipientOf({ customer_name: name, customer_email: email, customer_address }: InvoiceRow): Recipient {
  return { name, email: asciiAddress(email ?? '') ?? null, address: customer_address };
}
