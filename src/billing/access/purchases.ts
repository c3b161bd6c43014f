import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import { LEASE_HELD, leaseBindings, leaseLost, type PaymentLease } from '../payments/payment-lease.ts';
import type { Purchase } from './purchase.ts';

/** The table `purchases`: what was bought with each one-off payment. Payments of our own account only. */
interface PurchaseRow {
  readonly payment_intent: string;
  readonly said_reference: string | null;
  readonly metadata: Purchase['metadata'];
  readonly customer: string | null;
  readonly test_clock: string | null;
  readonly email: string | null;
  readonly description: string | null;
  readonly items: Purchase['items'];
  readonly amount: number;
  readonly currency: string;
  readonly paid_at: Date;
}

const COLUMNS =
  'payment_intent, said_reference, metadata, customer, test_clock, email, description, items, amount, currency, paid_at';

/** Writes what Stripe says now. */
export async function recordPurchase(trx: Knex.Transaction, lease: PaymentLease, purchase: Purchase): Promise<void> {
  const {
    saidReference: said,
    metadata,
    customer,
    testClock,
    email,
    description,
    items,
    amount,
    currency,
    paidAt,
  } = purchase;
  const written = await firstRow(
    trx,
    `INSERT INTO purchases (account, payment_intent, said_reference, metadata, customer, test_clock, email, description, items,
                            amount, currency, paid_at)
     SELECT :account, :intent, :said, :metadata::jsonb, :customer, :testClock, :email, :description, :items::jsonb, :amount,
            :currency, :paidAt::timestamptz
     WHERE ${LEASE_HELD}
     ON CONFLICT ON CONSTRAINT purchases_once DO UPDATE SET
       said_reference = excluded.said_reference, metadata = excluded.metadata, customer = excluded.customer,
       test_clock = excluded.test_clock, email = excluded.email, description = excluded.description, items = excluded.items, amount = excluded.amount,
       currency = excluded.currency, paid_at = excluded.paid_at
     RETURNING payment_intent`,
    {
      ...leaseBindings(lease),
      said,
      metadata: JSON.stringify(metadata),
      customer,
      testClock,
      email,
      description,
      items: JSON.stringify(items),
      amount,
      currency,
      paidAt,
    },
  );
  if (!written) leaseLost(lease);
}

/** Locked: whoever decides about its access does so one after the other. */
export async function lockPurchase(trx: Knex.Transaction, payment: string): Promise<Purchase | undefined> {
  const row = await firstRow<PurchaseRow>(
    trx,
    `SELECT ${COLUMNS} FROM purchases WHERE account = '' AND payment_intent = ? FOR UPDATE`,
    [payment],
  );
  return row && purchaseOfRow(row);
}

export async function findPurchase(db: Db | Knex.Transaction, payment: string): Promise<Purchase | undefined> {
  const row = await firstRow<PurchaseRow>(
    db,
    `SELECT ${COLUMNS} FROM purchases WHERE account = '' AND payment_intent = ?`,
    [payment],
  );
  return row && purchaseOfRow(row);
}

function purchaseOfRow({ payment_intent, said_reference, test_clock, paid_at, ...rest }: PurchaseRow): Purchase {
  return {
    ...rest,
    paymentIntent: payment_intent,
    saidReference: said_reference,
    testClock: test_clock,
    paidAt: paid_at,
  };
}

/** What has gone back of a payment. */
export async function takenBackOf(
  trx: Knex.Transaction,
  payment: string,
): Promise<{ refunded: number; disputeLost: boolean }> {
  const row = await firstRow<{ refunded: number; lost: boolean }>(
    trx,
    `SELECT coalesce(sum(amount) FILTER (WHERE kind = 'refund' AND status = 'succeeded'), 0)::bigint AS refunded,
            coalesce(bool_or(kind = 'dispute' AND status = 'lost'), false) AS lost
     FROM adjustments WHERE account = '' AND payment_intent = ?`,
    [payment],
  );
  return { refunded: row?.refunded ?? 0, disputeLost: row?.lost ?? false };
}

/** By which access policy it was decided. */
export async function noteAgreedBy(trx: Knex.Transaction, payment: string, policy: string): Promise<void> {
  await rows(
    trx,
    `UPDATE purchases SET agreed_by = :policy
     WHERE account = '' AND payment_intent = :payment AND agreed_by IS DISTINCT FROM :policy`,
    { payment, policy },
  );
}

/** Some that were decided by another policy, and are not waiting to be decided again. */
export async function purchasesOfOtherPolicy(db: Db, policy: string, limit: number): Promise<string[]> {
  const found = await rows<{ payment_intent: string }>(
    db,
    `SELECT payment_intent FROM purchases
     WHERE (agreed_by < :policy OR agreed_by > :policy OR agreed_by IS NULL)
       AND NOT EXISTS (SELECT FROM agreement_marks
                       WHERE dependent = 'access' AND record = 'payment' AND subject = payment_intent)
     LIMIT :limit`,
    { policy, limit },
  );
  return found.map(({ payment_intent }) => payment_intent);
}

/** In the order of their ids. */
export async function purchasesOnClock(trx: Knex.Transaction, testClock: string): Promise<string[]> {
  const found = await rows<{ payment_intent: string }>(
    trx,
    'SELECT payment_intent FROM purchases WHERE test_clock = ? ORDER BY payment_intent',
    [testClock],
  );
  return found.map(({ payment_intent }) => payment_intent);
}

/** Of this customer, and nobody's so far. */
export async function ownerlessPurchases(trx: Knex.Transaction, customer: string): Promise<string[]> {
  const found = await rows<{ payment_intent: string }>(
    trx,
    `SELECT payment_intent FROM purchases
     WHERE customer = ? AND NOT EXISTS (SELECT FROM access_grants WHERE cause = 'payment:' || payment_intent)`,
    [customer],
  );
  return found.map(({ payment_intent }) => payment_intent);
}
