import type { Knex } from 'knex';
import type Stripe from 'stripe';
import { fromUnix } from '../../platform/clock.ts';
import { formatMoney } from '../../platform/money.ts';
import { isMissing } from '../../stripe/errors.ts';
import { withBooking } from '../../stripe/payment.ts';
import type { Deps } from '../deps/deps.ts';
import { askPersonOnce } from '../desk/review-items.ts';
import { type MoneyArrival, moneyArrival } from '../payments/money-arrival.ts';
import { type AttemptRow, attemptOfSession, moveAttempt, noteIntent } from './checkout-attempts.ts';
import { findInvoice, invoiceSettledBy, markPaid, type OwnInvoice } from './invoices.ts';
import { methodWords } from './method-words.ts';
import { checkPayment, type Mismatch } from './payment-checks.ts';
import { logPayment } from './payment-log.ts';

/**
 * Confirms the payment of an own invoice: the one use case behind the return page and the webhook. The session is fetched
 * from Stripe, the five checks are made under the lock of the invoice, and invoice, log and messages change together.
 */
export type Confirmation =
  | { readonly end: 'paid'; readonly invoice: OwnInvoice; readonly paymentIntent: string }
  | { readonly end: 'open' | 'processing' | 'failed' | 'expired'; readonly invoice: OwnInvoice }
  | { readonly end: 'mismatch' | 'unapplied'; readonly invoice: OwnInvoice; readonly reason: string }
  /** No session of ours: nothing may be said about it. */
  | { readonly end: 'unknown' };

export async function confirmCheckout(sessionId: string, deps: Deps): Promise<Confirmation> {
  const attempt = await attemptOfSession(deps.db, sessionId);
  if (!attempt) return { end: 'unknown' };
  const session = await retrieve(sessionId, deps.stripe);
  return session ? applySession(session, attempt, deps) : { end: 'unknown' };
}

async function retrieve(id: string, stripe: Stripe): Promise<Stripe.Checkout.Session | undefined> {
  try {
    return await withBooking('payment_intent.latest_charge', (charge) =>
      stripe.checkout.sessions.retrieve(id, { expand: [charge] }),
    );
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * A payment that passes is *processing* until it is known on which day its money came.
 * @param session fetched from Stripe just now, its payment intent expanded
 * @param arrival of its money, if not what the payment intent says: a person may decide on a day
 */
export async function applySession(
  session: Stripe.Checkout.Session,
  attempt: AttemptRow,
  deps: Deps,
  arrival?: MoneyArrival,
): Promise<Confirmation> {
  const intent = typeof session.payment_intent === 'string' ? null : session.payment_intent;
  return deps.db.transaction(async (trx) => {
    const invoice = await findInvoice(trx, attempt.invoice, { lock: true });
    if (!invoice) return { end: 'unknown' };
    const usedFor = intent ? ((await invoiceSettledBy(trx, intent.id))?.id ?? null) : null;
    if (intent && usedFor === invoice.id) return { end: 'paid', invoice, paymentIntent: intent.id };

    const result = checkPayment({ session, intent, invoice, attempt, livemode: deps.livemode, usedFor });
    if (result.end === 'not_paid') {
      await recordUnpaid(trx, result.state, attempt, session);
      return { end: result.state, invoice };
    }
    if (result.end === 'mismatch') return refuse(trx, result, session, intent, invoice);
    if (invoice.status !== 'issued') return leaveUnapplied(trx, result.intent, invoice, attempt);
    const came = arrival ?? moneyArrival(result.intent, chargeOf(result.intent));
    if ('awaited' in came) {
      await recordUnpaid(trx, 'processing', attempt, session);
      return { end: 'processing', invoice };
    }
    return pay(trx, result.intent, fromUnix(came.at), invoice, attempt, session, deps);
  });
}

function chargeOf({ latest_charge: charge }: Stripe.PaymentIntent): Stripe.Charge | null {
  return typeof charge === 'string' ? null : charge;
}

async function recordUnpaid(
  trx: Knex.Transaction,
  state: 'open' | 'processing' | 'failed' | 'expired',
  attempt: AttemptRow,
  session: Stripe.Checkout.Session,
): Promise<void> {
  if (state === 'open' || attempt.state === state) return;
  await moveAttempt(trx, attempt.id, state);
  if (state === 'processing') {
    await logPayment(trx, {
      invoice: attempt.invoice,
      kind: 'processing',
      key: session.id,
      session: session.id,
      text: 'The payment was given; the bank has not confirmed it yet.',
    });
  }
}

async function pay(
  trx: Knex.Transaction,
  intent: Stripe.PaymentIntent,
  paidAt: Date,
  invoice: OwnInvoice,
  attempt: AttemptRow,
  session: Stripe.Checkout.Session,
  { changed }: Pick<Deps, 'changed'>,
): Promise<Confirmation> {
  const money = { amount: intent.amount_received, currency: intent.currency };
  const method = methodWords(chargeOf(intent)?.payment_method_details);
  await markPaid(trx, invoice.id, {
    paymentIntent: intent.id,
    amount: money.amount,
    extras: attempt.extras,
    paidAt,
    method,
    payerEmail: session.customer_details?.email ?? undefined,
  });
  await moveAttempt(trx, attempt.id, 'paid', intent.id);
  await logPayment(trx, {
    invoice: invoice.id,
    kind: 'paid',
    key: intent.id,
    ...money,
    paymentIntent: intent.id,
    session: session.id,
    text: `Paid ${formatMoney(money)}${method ? ` ${method}` : ''}.`,
  });
  await changed(trx, { record: 'own_invoice', id: invoice.id, turned: 'paid' });
  const paid = await findInvoice(trx, invoice.id);
  return { end: 'paid', invoice: paid ?? invoice, paymentIntent: intent.id };
}

/** A check failed: the invoice stays as it is, and a person is asked once, with what was expected and what was found. */
async function refuse(
  trx: Knex.Transaction,
  { check, expected, found }: Mismatch,
  session: Stripe.Checkout.Session,
  intent: Stripe.PaymentIntent | null,
  invoice: OwnInvoice,
): Promise<Confirmation> {
  if (intent) await noteIntent(trx, session.id, intent.id);
  const wanted = told(expected, invoice.currency);
  const got = told(found, intent?.currency ?? session.currency ?? invoice.currency);
  const reason = `The payment of invoice ${invoice.number} does not fit: ${check} should be ${wanted}, found ${got}.`;
  await logPayment(trx, {
    invoice: invoice.id,
    kind: 'mismatch',
    key: `${session.id}:${check}`,
    session: session.id,
    text: reason,
    ...(intent ? { paymentIntent: intent.id, amount: intent.amount_received, currency: intent.currency } : {}),
  });
  await askPersonOnce(trx, {
    kind: 'payment_mismatch',
    subject: intent?.id ?? session.id,
    summary: `${reason} The invoice was not marked paid.`,
    details: { invoice: invoice.id, session: session.id, currency: invoice.currency, check, expected, found },
  });
  return { end: 'mismatch', invoice, reason };
}

/** What a check compares are amounts when they are numbers. */
function told(value: unknown, currency: string): string {
  return typeof value === 'number' ? formatMoney({ amount: value, currency }) : String(value);
}

/** The money came, but the invoice is settled or void: it stays unapplied until a person decides, once. */
async function leaveUnapplied(
  trx: Knex.Transaction,
  intent: Stripe.PaymentIntent,
  invoice: OwnInvoice,
  attempt: AttemptRow,
): Promise<Confirmation> {
  const money = { amount: intent.amount_received, currency: intent.currency };
  const reason = `Invoice ${invoice.number} was ${invoice.status} already when ${formatMoney(money)} came in.`;
  await moveAttempt(trx, attempt.id, 'paid', intent.id);
  await logPayment(trx, {
    invoice: invoice.id,
    kind: 'unapplied',
    key: intent.id,
    ...money,
    paymentIntent: intent.id,
    text: reason,
  });
  await askPersonOnce(trx, {
    kind: 'double_payment',
    subject: intent.id,
    summary: `${reason} Refund it as a duplicate, or keep it and settle with the customer.`,
    details: { invoice: invoice.id, ...money },
  });
  return { end: 'unapplied', invoice, reason };
}
