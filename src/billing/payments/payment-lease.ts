import type { Knex } from 'knex';
import type { Db } from '../../platform/db.ts';
import { BusyError, bug } from '../../platform/errors.ts';
import {
  busyRetryMs,
  endLease,
  HELD_AT_MOST_SECONDS,
  type Lease,
  mayBegin,
  LEASE_HELD as NEW_LEASE_HELD,
  type OlderLease,
  withLease,
} from '../../platform/lease.ts';
import { guardingStripeWrites } from '../../stripe/client.ts';
import { busyBelow } from '../../stripe/errors.ts';
import { PAYMENT_COLUMNS, type PaymentRef, type PaymentRow } from './payment-row.ts';

/** Whoever works on a payment holds its lease: settling, adjusting and deciding keep out of each other's way. */
export interface PaymentLease extends Lease {
  readonly row: PaymentRow;
  /** In the transaction of the last write under it. */
  end(trx: Knex.Transaction): Promise<void>;
}

/** Who finds nothing left to do needs no lease. */
export interface Rest<T> {
  /** SQL on a row of `payments`. */
  readonly when: string;
  /** The same of a row that was read: it may have come to rest while the lease was waited for. Undefined: it is not at rest. */
  readonly end: (row: PaymentRow) => T | undefined;
}

function resting(when: string): string {
  return `SELECT ${PAYMENT_COLUMNS} FROM payments WHERE account = :account AND payment_intent = :intent AND (${when})`;
}

/** The columns that the release before this one takes; the one after it may drop them. */
function olderLease({ account, paymentIntent: intent }: PaymentRef, livemode: boolean, atRest: string): OlderLease {
  return {
    atRest: resting(atRest),
    take: `INSERT INTO payments (account, payment_intent, livemode, lease_owner, lease_since, lease_until)
           SELECT :account, :intent, :livemode, :owner, now(), now() + make_interval(secs => :leaseSeconds)
           WHERE NOT EXISTS (${resting(atRest)})
           ON CONFLICT (account, payment_intent) DO UPDATE
             SET lease_owner = excluded.lease_owner, lease_since = excluded.lease_since, lease_until = excluded.lease_until
             WHERE payments.lease_until IS NULL OR payments.lease_until < now()
           RETURNING ${PAYMENT_COLUMNS}`,
    renew: `UPDATE payments SET lease_until =
              least(now() + make_interval(secs => :leaseSeconds), lease_since + make_interval(secs => :mostSeconds))
            WHERE account = :account AND payment_intent = :intent AND lease_owner = :owner AND lease_until > now()
            RETURNING payment_intent`,
    giveBack: `UPDATE payments SET lease_owner = NULL, lease_until = NULL
               WHERE account = :account AND payment_intent = :intent AND lease_owner = :owner RETURNING payment_intent`,
    bindings: { account, intent, livemode },
  };
}

/**
 * Runs `work` while no other process works on this payment: if this one was only slow and has lost it, its next write is
 * refused, to the database (`LEASE_HELD`) as to Stripe.
 * @throws BusyError when another process holds the lease, or has taken it over
 * @throws TimeIsUp when the work did not end: nobody waits for it, and it can't write any more
 */
export async function withPaymentLease<T>(
  db: Db,
  ref: PaymentRef,
  livemode: boolean,
  work: (lease: PaymentLease) => Promise<T>,
  rest: Rest<T> = NO_REST,
): Promise<T> {
  const what = `payment ${ref.paymentIntent}`;
  const older = olderLease(ref, livemode, rest.when);
  try {
    return await withLease(db, subjectOf(ref), what, older, {
      atRest: (row: PaymentRow) => rest.end(row) ?? bug(`${what} is at rest, and nobody can say why`),
      work: async (held, row) => {
        const settled = rest.end(row);
        if (settled !== undefined) return settled;
        const lease = { ...held, row, end: (trx: Knex.Transaction) => endLease(trx, held, older) };
        return guardingStripeWrites(
          (requestMs) => refuseLateWrite(db, lease, requestMs),
          () => work(lease),
        );
      },
    });
  } catch (error) {
    throw busyBelow(error) ?? error;
  }
}

const NO_REST = { when: 'false', end: () => undefined };

function subjectOf({ account, paymentIntent }: PaymentRef): string {
  return `payment:${account}:${paymentIntent}`;
}

/**
 * Before each write to Stripe. A request that is given up after `requestMs` must be over before the lease can't be renewed
 * any more: whoever takes the payment over then finds at Stripe all that was done.
 */
async function refuseLateWrite(db: Db, lease: PaymentLease, requestMs: number): Promise<void> {
  const latest = HELD_AT_MOST_SECONDS - requestMs / 1000;
  if (!(await mayBegin(db, lease, latest, OLDER_HELD, leaseBindings(lease)))) leaseLost(lease);
}

const OLDER_HELD = `EXISTS (SELECT FROM payments
  WHERE account = :account AND payment_intent = :intent AND lease_owner = :owner AND lease_until > now() + interval '1 second' FOR SHARE)`;

/**
 * The condition that guards every write under a lease, with the bindings of `leaseBindings`. It locks both leases, in the order in
 * which they are taken: who is taking one over is waited for and seen, and who comes later waits.
 */
export const LEASE_HELD = `CASE WHEN ${OLDER_HELD} THEN ${NEW_LEASE_HELD} ELSE false END`;

export function leaseBindings({ subject, owner, row }: PaymentLease) {
  return { account: row.account, intent: row.payment_intent, subject, owner };
}

/** @throws BusyError: another process may be on this payment now, so this one must not go on */
export function leaseLost({ row }: PaymentLease): never {
  throw new BusyError(`The lease on payment ${row.payment_intent} ran out while it was worked on`, busyRetryMs());
}

export function refOf({ row }: PaymentLease): PaymentRef {
  return { account: row.account, paymentIntent: row.payment_intent };
}
