import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { Deps } from '../deps/deps.ts';
import { LEASE_HELD, leaseBindings, leaseLost, type PaymentLease } from '../payments/payment-lease.ts';
import type { PaymentRef } from '../payments/payment-row.ts';
import { subscriptionPaidBy } from '../subscriptions/invoices.ts';
import type { Adjustment } from './adjustment.ts';

/** The table `adjustments`: each refund and dispute of a payment, and what was decided about it. */
export interface AdjustmentRow {
  readonly id: string;
  readonly kind: 'refund' | 'dispute';
  readonly status: string;
  readonly decision: 'note' | 'none' | 'wait' | 'review' | 'off';
  readonly reason: string;
}

export async function findAdjustments(db: Db, { account, paymentIntent }: PaymentRef): Promise<AdjustmentRow[]> {
  return rows<AdjustmentRow>(
    db,
    'SELECT id, kind, status, decision, reason FROM adjustments WHERE account = ? AND payment_intent = ?',
    [account, paymentIntent],
  );
}

/** Whether something was taken back of the payment, or is about to be, that is not decided. */
export async function isAdjustmentAwaited(
  db: Db | Knex.Transaction,
  { account, paymentIntent }: PaymentRef,
): Promise<boolean> {
  const row = await firstRow(
    db,
    `SELECT FROM adjustments WHERE account = ? AND payment_intent = ? AND decision = 'wait' LIMIT 1`,
    [account, paymentIntent],
  );
  return row !== undefined;
}

/** What the payment has given is decided anew with it. */
export async function recordAdjustment(
  { db, changed }: Pick<Deps, 'db' | 'changed'>,
  lease: PaymentLease,
  adjustment: Adjustment,
  decision: AdjustmentRow['decision'],
  reason: string,
): Promise<void> {
  await db.transaction(async (trx) => {
    const written = await firstRow(
      trx,
      `INSERT INTO adjustments
       (id, kind, account, payment_intent, amount, currency, status, cause, happened_at, decision, reason)
     SELECT :id, :kind, :account, :intent, :amount, :currency, :status, :cause, to_timestamp(:happenedAt), :decision, :reason
     WHERE ${LEASE_HELD}
     ON CONFLICT ON CONSTRAINT adjustments_once DO UPDATE SET
       amount = excluded.amount, status = excluded.status, decision = excluded.decision, reason = excluded.reason,
       updated_at = now()
     RETURNING id`,
      { ...leaseBindings(lease), ...adjustment, decision, reason },
    );
    if (!written) leaseLost(lease);
    await changed(trx, { record: 'payment', id: lease.row.payment_intent });
    const subscription = await subscriptionPaidBy(trx, lease.row.payment_intent);
    if (subscription) await changed(trx, { record: 'subscription', id: subscription });
  });
}

/** A person has decided what becomes of a note whose cause is gone. */
export async function closeAdjustment(db: Db, id: string, reason: string): Promise<void> {
  await rows(db, `UPDATE adjustments SET decision = 'none', reason = ?, updated_at = now() WHERE id = ?`, [reason, id]);
}

/** @param contestedSince seconds since 1970, null when nothing is contested (any more) */
export async function flagDispute(db: Db, lease: PaymentLease, contestedSince: number | null): Promise<void> {
  await rows(
    db,
    `UPDATE payments SET disputed_since = to_timestamp(:since) WHERE account = :account AND payment_intent = :intent
       AND ${LEASE_HELD} AND disputed_since IS DISTINCT FROM to_timestamp(:since)`,
    { ...leaseBindings(lease), since: contestedSince },
  );
}
