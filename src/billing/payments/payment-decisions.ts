import type { Knex } from 'knex';
import { firstRow } from '../../platform/db.ts';
import type { PaymentRef } from './payment-row.ts';
import { unparkPayment } from './payments.ts';

/** The table `payment_decisions`: what a person has decided about a payment. It holds until a person has it reconsidered. */
export interface PaymentDecision {
  readonly verdict: 'invoice' | 'invoice_in_one_line' | 'skip';
  readonly reason: string;
  /** e.g. `admin:demo` or `cli:root` */
  readonly decided_by: string;
}

/** The payment is parked no more: whatever looks at it next, this process or an event of it, does what was decided. */
export async function decidePayment(trx: Knex.Transaction, ref: PaymentRef, decision: PaymentDecision): Promise<void> {
  await firstRow(
    trx,
    `INSERT INTO payment_decisions (account, payment_intent, verdict, reason, decided_by)
     VALUES (:account, :paymentIntent, :verdict, :reason, :decided_by)
     ON CONFLICT ON CONSTRAINT payment_decisions_once DO UPDATE
       SET verdict = excluded.verdict, reason = excluded.reason, decided_by = excluded.decided_by, decided_at = now()`,
    { ...ref, ...decision },
  );
  await unparkPayment(trx, ref);
}

/** The rules decide again. */
export async function revokeDecision(trx: Knex.Transaction, { account, paymentIntent }: PaymentRef): Promise<void> {
  await firstRow(trx, 'DELETE FROM payment_decisions WHERE account = ? AND payment_intent = ?', [
    account,
    paymentIntent,
  ]);
}
