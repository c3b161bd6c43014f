import type { Knex } from 'knex';
import { type Db, firstRow } from '../../platform/db.ts';
import { bug } from '../../platform/errors.ts';
import type { Payment } from '../../stripe/payment.ts';
import { type MoneyArrival, moneyArrival } from './money-arrival.ts';
import { LEASE_HELD, leaseBindings, leaseLost, type PaymentLease } from './payment-lease.ts';
import { PAYMENT_COLUMNS, type PaymentRef, type PaymentRow } from './payment-row.ts';
import type { Verdict } from './verdict.ts';

/** The table `payments`: what Stripe says of each payment intent, and what was decided by it. */
export async function findPayment(db: Db, { account, paymentIntent }: PaymentRef): Promise<PaymentRow | undefined> {
  return firstRow<PaymentRow>(db, `SELECT ${PAYMENT_COLUMNS} FROM payments WHERE account = ? AND payment_intent = ?`, [
    account,
    paymentIntent,
  ]);
}

/** Writes what Stripe says of the payment and what was decided; with `verdictBindings`. */
export const VERDICT_WRITTEN = `UPDATE payments SET
  status = :status, amount_received = :received, currency = :currency, customer = :customer, charge = :charge,
  checkout_session = :session, paid_at = CASE WHEN :status = 'succeeded' THEN to_timestamp(:paid) END,
  verdict = :verdict, reason = :reason, rule = :rule, parked_for = NULL, foreign_invoice = :foreign,
  unbooked_since = CASE WHEN :verdict::text IS NULL THEN unbooked_since END,
  settled_at = CASE WHEN :settled THEN now() END, updated_at = now()
  WHERE account = :account AND payment_intent = :intent AND ${LEASE_HELD}
  RETURNING account, payment_intent`;

export function verdictBindings(
  lease: PaymentLease,
  { intent, charge, customer, session }: Payment,
  verdict: Verdict,
  arrival: MoneyArrival,
) {
  return {
    ...leaseBindings(lease),
    status: intent.status,
    received: intent.amount_received,
    currency: intent.currency,
    customer: customer?.id ?? null,
    charge: charge?.id ?? null,
    session: session?.id ?? null,
    paid: 'at' in arrival ? arrival.at : null,
    verdict: verdict.action === 'wait' ? null : verdict.action,
    reason: verdict.reason,
    rule: 'rule' in verdict ? (verdict.rule ?? null) : null,
    foreign: 'foreignInvoice' in verdict ? (verdict.foreignInvoice ?? null) : null,
    settled: verdict.action === 'skip',
  };
}

export async function recordVerdict(
  db: Db,
  lease: PaymentLease,
  payment: Payment,
  verdict: Verdict,
  arrival: MoneyArrival = moneyArrival(payment.intent, payment.charge),
): Promise<void> {
  const written = await firstRow(db, VERDICT_WRITTEN, verdictBindings(lease, payment, verdict, arrival));
  if (!written) leaseLost(lease);
}

/** Notes that the money came and is not booked. @returns for how many seconds that is known */
export async function noteUnbooked(db: Db, lease: PaymentLease): Promise<number> {
  const row = await firstRow<{ waited: number }>(
    db,
    `UPDATE payments SET unbooked_since = coalesce(unbooked_since, now()), updated_at = now()
     WHERE account = :account AND payment_intent = :intent AND ${LEASE_HELD}
     RETURNING floor(extract(epoch FROM now() - unbooked_since))::integer AS waited`,
    leaseBindings(lease),
  );
  return row?.waited ?? leaseLost(lease);
}

/** A person must look: later events of this payment leave it alone until it is reconsidered. */
export async function parkPayment(db: Db | Knex.Transaction, lease: PaymentLease, question: string): Promise<void> {
  const written = await firstRow(
    db,
    `UPDATE payments SET verdict = 'review', parked_for = :question, updated_at = now()
     WHERE account = :account AND payment_intent = :intent AND ${LEASE_HELD}
     RETURNING payment_intent`,
    { ...leaseBindings(lease), question },
  );
  if (!written) leaseLost(lease);
}

/** A person has decided: whoever takes the payment up next decides anew. */
export async function unparkPayment(trx: Knex.Transaction, { account, paymentIntent }: PaymentRef): Promise<void> {
  await firstRow(
    trx,
    `UPDATE payments SET verdict = NULL, parked_for = NULL, settled_at = NULL, updated_at = now()
     WHERE account = ? AND payment_intent = ? AND verdict <> 'invoice'`,
    [account, paymentIntent],
  );
}

/** A decided amount; the schema guarantees it for verdict `invoice`. */
export function receivedOf(payment: Payment): { amount: number; currency: string } {
  const { amount_received, currency, id } = payment.intent;
  if (amount_received <= 0) bug(`payment ${id} is to be invoiced, but nothing was received`);
  return { amount: amount_received, currency };
}
