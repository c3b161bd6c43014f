import { afterEach, beforeEach, vi } from 'vitest';
import { type PaymentLease, withPaymentLease } from '../../src/billing/payments/payment-lease.ts';
import { connect, type Db, firstRow, rows } from '../../src/platform/db.ts';
import { releaseAfterFile } from './clean-up.ts';
import { freshDatabase } from './database.ts';

/** Leases on the payment pi_1, and their clock. */
export const paymentRef = { account: '', paymentIntent: 'pi_1' };

export type LeaseRow = {
  owner: string | null;
  seconds: number | null;
  older: string | null;
  older_seconds: number | null;
};

export type PaymentLeases = {
  leased<T>(work: (lease: PaymentLease) => Promise<T>): Promise<T>;
  /** Both leases, as long as there is a payment. */
  leaseRow(): Promise<LeaseRow | undefined>;
  /** As if so many seconds had passed in which the holder did nothing. */
  pass(seconds: number): Promise<unknown>;
  /** As if it had been held, and renewed, for so many seconds. */
  heldFor(seconds: number): Promise<unknown>;
};

export function paymentLeases(db: Db): PaymentLeases {
  return {
    leased: (work) => withPaymentLease(db, paymentRef, false, work),
    leaseRow: () =>
      firstRow<LeaseRow>(
        db,
        `SELECT owner, extract(epoch FROM until - now())::float8 AS seconds, lease_owner AS older,
                extract(epoch FROM lease_until - now())::float8 AS older_seconds
         FROM payments LEFT JOIN leases ON subject = 'payment::' || payment_intent WHERE payment_intent = 'pi_1'`,
      ),
    // One after the other: a statement over both tables could stand in the way of a renewal, and that in its way.
    async pass(seconds) {
      await rows(db, 'UPDATE payments SET lease_until = lease_until - make_interval(secs => ?)', [seconds]);
      await rows(db, 'UPDATE leases SET until = until - make_interval(secs => ?)', [seconds]);
    },
    async heldFor(seconds) {
      await rows(db, 'UPDATE payments SET lease_since = lease_since - make_interval(secs => ?)', [seconds]);
      await rows(db, 'UPDATE leases SET since = since - make_interval(secs => ?)', [seconds]);
    },
  };
}

/** A database for tests of leases: each begins without any, and with real timers. */
export async function databaseOfLeases(): Promise<PaymentLeases & { db: Db }> {
  const db = connect((await freshDatabase()).url, { name: 'test', connections: 12 });
  releaseAfterFile(() => db.destroy());
  beforeEach(() => rows(db, 'TRUNCATE payments, leases CASCADE'));
  afterEach(() => vi.useRealTimers());
  return { db, ...paymentLeases(db) };
}
