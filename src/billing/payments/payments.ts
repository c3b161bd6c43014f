import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { type Db, firstRow } from '../../platform/db.ts';
import { BusyError, bug } from '../../platform/errors.ts';
import { within } from '../../platform/within.ts';
import { guardingStripeWrites } from '../../stripe/client.ts';
import { busyBelow } from '../../stripe/errors.ts';
import type { Payment } from '../../stripe/payment.ts';
import { type MoneyArrival, moneyArrival } from './money-arrival.ts';
import type { Verdict } from './verdict.ts';

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
  /** What a person is asked while the verdict is `review`. */
  readonly parked_for: string | null;
  readonly settled_at: Date | null;
  /** Since when its booking is awaited. */
  readonly unbooked_since: Date | null;
}

export interface PaymentLease {
  readonly owner: string;
  readonly row: PaymentRow;
}

/** A killed worker's payment waits for the end of its lease, so it is short; renewals may fail or be late four times in a row. */
const LEASE_SECONDS = 15;
const RENEW_EVERY_MS = 3_000;
/** Work on one payment that is not done by then never will be: the lease is not renewed any more. */
export const HELD_AT_MOST_SECONDS = 300;
/** How long another event of the same payment steps aside; by chance, so that several don't come back together. */
const BUSY_RETRY_MS = { shortest: 300, longest: 1_500 };

const COLUMNS =
  'account, payment_intent, livemode, status, amount_received, currency, verdict, reason, rule, parked_for, settled_at, unbooked_since';

export async function findPayment(db: Db, { account, paymentIntent }: PaymentRef): Promise<PaymentRow | undefined> {
  return firstRow<PaymentRow>(db, `SELECT ${COLUMNS} FROM payments WHERE account = ? AND payment_intent = ?`, [
    account,
    paymentIntent,
  ]);
}

/**
 * Runs `work` while no other process works on this payment. The lease is a row, not a transaction: network calls are made
 * under it. If this process dies, the lease runs out by itself; if it was only slow and lost the lease, its next write is
 * refused, to the database (`LEASE_HELD`) as to Stripe. Whether a lease is held is for the clock of Postgres to say.
 * @throws BusyError when another process holds the lease, or has taken it over
 * @throws TimeIsUp when the work did not end: nobody waits for it, and it can't write any more
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
    `INSERT INTO payments (account, payment_intent, livemode, lease_owner, lease_since, lease_until)
     VALUES (:account, :intent, :livemode, :owner, now(), now() + make_interval(secs => :seconds))
     ON CONFLICT (account, payment_intent) DO UPDATE
       SET lease_owner = excluded.lease_owner, lease_since = excluded.lease_since, lease_until = excluded.lease_until
       WHERE payments.lease_until IS NULL OR payments.lease_until < now()
     RETURNING ${COLUMNS}`,
    { account: ref.account, intent: ref.paymentIntent, livemode, owner, seconds: LEASE_SECONDS },
  );
  if (!row) throw new BusyError(`Another worker is on payment ${ref.paymentIntent}`, busyRetryMs());

  const lease = { owner, row };
  let renewing = false;
  const renewal = setInterval(async () => {
    // One at a time: renewals that have to wait would take the connections with which the work goes on.
    if (renewing) return;
    renewing = true;
    // A failed renewal needs no handling: the next write asks whether the lease is still held.
    await renew(db, lease).catch(() => undefined);
    renewing = false;
  }, RENEW_EVERY_MS);
  try {
    return await within(HELD_AT_MOST_SECONDS * 1000, `the work on payment ${ref.paymentIntent}`, () =>
      guardingStripeWrites(
        (requestMs) => refuseLateWrite(db, lease, requestMs),
        () => work(lease),
      ),
    );
  } catch (error) {
    throw busyBelow(error) ?? error;
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

/** Only what has not run out: who may have taken over meanwhile decides by the same clock. */
async function renew(db: Db, lease: PaymentLease): Promise<void> {
  await firstRow(
    db,
    `UPDATE payments SET lease_until =
       least(now() + make_interval(secs => :seconds), lease_since + make_interval(secs => :most))
     WHERE account = :account AND payment_intent = :intent AND lease_owner = :owner AND lease_until > now()`,
    { ...leaseBindings(lease), seconds: LEASE_SECONDS, most: HELD_AT_MOST_SECONDS },
  );
}

/**
 * Before each write to Stripe. A request that is given up after `requestMs` must be over before the lease can't be renewed
 * any more: whoever takes the payment over then finds at Stripe all that was done.
 */
async function refuseLateWrite(db: Db, lease: PaymentLease, requestMs: number): Promise<void> {
  const held = await firstRow(
    db,
    `SELECT FROM payments
     WHERE account = :account AND payment_intent = :intent AND lease_owner = :owner AND lease_until > now()
       AND lease_since + make_interval(secs => :latest) > now()`,
    { ...leaseBindings(lease), latest: HELD_AT_MOST_SECONDS - requestMs / 1000 },
  );
  if (!held) leaseLost(lease);
}

/**
 * The condition that guards every write under a lease: :account, :intent and :owner must be bound. It locks the lease until
 * the write is committed: who is taking it over is waited for and seen, and who comes later waits.
 */
export const LEASE_HELD = `EXISTS (SELECT FROM payments
  WHERE account = :account AND payment_intent = :intent AND lease_owner = :owner AND lease_until > now() FOR SHARE)`;

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
       verdict = :verdict, reason = :reason, rule = :rule, parked_for = NULL, foreign_invoice = :foreign,
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
export async function parkPayment(db: Db | Knex.Transaction, lease: PaymentLease, question: string): Promise<void> {
  const written = await firstRow(
    db,
    `UPDATE payments SET verdict = 'review', parked_for = :question, updated_at = now()
     WHERE account = :account AND payment_intent = :intent AND lease_owner = :owner AND lease_until > now()
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
