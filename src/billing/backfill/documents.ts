import { type Db, firstRow } from '../../platform/db.ts';
import type { PaymentRef } from '../payments/payment-row.ts';

/** How many documents a payment has: its paid invoice, those that took a note back, and its credit notes. */
export async function countDocuments(db: Db, { account, paymentIntent }: PaymentRef): Promise<number> {
  const row = await firstRow<{ documents: number }>(
    db,
    `SELECT (SELECT count(*) FROM payment_invoices WHERE account = :account AND payment_intent = :intent AND step = 'paid')
          + (SELECT count(*) FROM credit_notes
             WHERE account = :account AND payment_intent = :intent AND stripe_credit_note IS NOT NULL) AS documents`,
    { account, intent: paymentIntent },
  );
  return row?.documents ?? 0;
}
