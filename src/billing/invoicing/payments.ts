import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { type Db, firstRow } from '../../platform/db.ts';
import { BusyError, bug } from '../../platform/errors.ts';
import type { Payment } from '../../stripe/payment.ts';
import type { Verdict } from './eligibility.ts';
import { type MoneyArrival, moneyArrival } from './money-arrival.ts';

/** The table `payments`. One row per payment intent; whoever works on the payment holds its lease. */
export interface PaymentRef {
  /** Connected account, empty for our own. */
  readonly account: string;
  readonly paymentIntent: string;
}

export interface PaymentRow {
  readonly account: string;
  readonly payment_intent: string;
  readonly livemode: boolean;
  readonly status: string | null;
  readonly amount_received: number | null;
  readonly currency: string | null;
  readonly verdict: 'invoice' | 'skip' | 'review' | null;
  readonly reason: string | null;
  readonly rule: string | null;
  readonly settled_at: Date | null;
}

export interface PaymentLease {
  readonly owner: string;
  readonly row: PaymentRow;
}

/** Longer than one request to Stripe may take; renewed while the work goes on. */
const LEASE_SECONDS = 60;
const RENEW_EVERY_MS = 20_000;
/** How long another event of the same payment steps aside; by chance, so that several don't come back together. */
const BUSY_RETRY_MS = { shortest: 300, longest: 1_500 };

const COLUMNS =
  'account, payment_intent, livemode, status, amount_received, currency, verdict, reason, rule, settled_at';

export async function findPayment(db: Db, { account, paymentIntent }: PaymentRef): Promise<PaymentRow | undefined> {
  return firstRow<PaymentRow>(db, `SELECT ${COLUMNS} FROM payments WHERE account = ? AND payment_intent = ?`, [
    account,
    paymentIntent,
  ]);
}

/**
 * Runs `work` while no other process works on this payment. The lease is a row, not a transaction: network calls are made
 * under it. If this process dies, the lease runs out by itself; if it was only slow and lost the lease, its next write is
 * refused (see `stillHeld`).
 * @throws BusyError when another process holds the lease
 */
export async function withPaymentLease<T>(
  db: Db,
  ref: PaymentRef,
  livemode: boolean,
  work: (lease: PaymentLease) => Promise<T>,
): Promise<T> {
  const owner = randomUUID();
  const row = await firstRow<PaymentRow>(
    db,
    `INSERT INTO payments (account, payment_intent, livemode, lease_owner, lease_until)
     VALUES (:account, :intent, :livemode, :owner, now() + make_interval(secs => :seconds))
     ON CONFLICT (account, payment_intent) DO UPDATE
       SET lease_owner = excluded.lease_owner, lease_until = excluded.lease_until
       WHERE payments.lease_until IS NULL OR payments.lease_until < now()
     RETURNING ${COLUMNS}`,
    { account: ref.account, intent: ref.paymentIntent, livemode, owner, seconds: LEASE_SECONDS },
  );
  if (!row) throw new BusyError(`Another worker is on payment ${ref.paymentIntent}`, busyRetryMs());

  const renewal = setInterval(() => {
    // A failed renewal needs no handling: the next write asks whether the lease is still held.
    firstRow(
      db,
      'UPDATE payments SET lease_until = now() + make_interval(secs => ?) WHERE account = ? AND payment_intent = ? AND lease_owner = ?',
      [LEASE_SECONDS, ref.account, ref.paymentIntent, owner],
    ).catch(() => undefined);
  }, RENEW_EVERY_MS);
  try {
    return await work({ owner, row });
  } finally {
    clearInterval(renewal);
    // If Postgres is away the lease runs out by itself; the error of the work must not be hidden by this one.
    await firstRow(
      db,
      'UPDATE payments SET lease_owner = NULL, lease_until = NULL WHERE account = ? AND payment_intent = ? AND lease_owner = ?',
      [ref.account, ref.paymentIntent, owner],
    ).catch(() => undefined);
  }
}

/** The condition that guards every write under a lease: :account, :intent and :owner must be bound. */
export const LEASE_HELD = `EXISTS (SELECT FROM payments
  WHERE account = :account AND payment_intent = :intent AND lease_owner = :owner AND lease_until > now())`;

/** Writes what Stripe says of the payment and what was decided. */
export async function recordVerdict(
  db: Db,
  lease: PaymentLease,
  payment: Payment,
  verdict: Verdict,
  arrival: MoneyArrival = moneyArrival(payment.intent, payment.charge),
): Promise<void> {
  const { intent, charge, customer, session } = payment;
  const decided = verdict.action === 'wait' ? null : verdict.action;
  const settled = verdict.action === 'skip';
  const written = await firstRow(
    db,
    `UPDATE payments SET
       status = :status, amount_received = :received, currency = :currency, customer = :customer, charge = :charge,
       checkout_session = :session, paid_at = CASE WHEN :status = 'succeeded' THEN to_timestamp(:paid) END,
       verdict = :verdict, reason = :reason, rule = :rule, foreign_invoice = :foreign,
       unbooked_since = CASE WHEN :verdict::text IS NULL THEN unbooked_since END,
       settled_at = CASE WHEN :settled THEN now() END, updated_at = now()
     WHERE account = :account AND payment_intent = :intent AND lease_owner = :owner AND lease_until > now()
     RETURNING payment_intent`,
    {
      ...leaseBindings(lease),
      status: intent.status,
      received: intent.amount_received,
      currency: intent.currency,
      customer: customer?.id ?? null,
      charge: charge?.id ?? null,
      session: session?.id ?? null,
      paid: 'at' in arrival ? arrival.at : null,
      verdict: decided,
      reason: verdict.reason,
      rule: 'rule' in verdict ? (verdict.rule ?? null) : null,
      foreign: 'foreignInvoice' in verdict ? (verdict.foreignInvoice ?? null) : null,
      settled,
    },
  );
  if (!written) leaseLost(lease);
}

/** Notes that the money came and is not booked. @returns for how many seconds that is known */
export async function noteUnbooked(db: Db, lease: PaymentLease): Promise<number> {
  const row = await firstRow<{ waited: number }>(
    db,
    `UPDATE payments SET unbooked_since = coalesce(unbooked_since, now()), updated_at = now()
     WHERE account = :account AND payment_intent = :intent AND lease_owner = :owner AND lease_until > now()
     RETURNING floor(extract(epoch FROM now() - unbooked_since))::integer AS waited`,
    leaseBindings(lease),
  );
  return row?.waited ?? leaseLost(lease);
}

/** A person must look: later events of this payment leave it alone until it is reconsidered. */
export async function parkPayment(db: Db | Knex.Transaction, lease: PaymentLease, reason: string): Promise<void> {
  const written = await firstRow(
    db,
    `UPDATE payments SET verdict = 'review', reason = :reason, updated_at = now()
     WHERE account = :account AND payment_intent = :intent AND lease_owner = :owner AND lease_until > now()
     RETURNING payment_intent`,
    { ...leaseBindings(lease), reason },
  );
  if (!written) leaseLost(lease);
}

export function leaseBindings({ owner, row }: PaymentLease) {
  return { account: row.account, intent: row.payment_intent, owner };
}

/** @throws BusyError: another process may be on this payment now, so this one must not go on */
export function leaseLost({ row }: PaymentLease): never {
  throw new BusyError(`The lease on payment ${row.payment_intent} ran out while it was worked on`, busyRetryMs());
}

function busyRetryMs(): number {
  const { shortest, longest } = BUSY_RETRY_MS;
  return Math.round(shortest + Math.random() * (longest - shortest));
}

export function refOf({ row }: PaymentLease): PaymentRef {
  return { account: row.account, paymentIntent: row.payment_intent };
}

/** A decided amount; the schema guarantees it for verdict `invoice`. */
export function receivedOf(payment: Payment): { amount: number; currency: string } {
  const { amount_received, currency, id } = payment.intent;
  if (amount_received <= 0) bug(`payment ${id} is to be invoiced, but nothing was received`);
  return { amount: amount_received, currency };
}
