import { type Db, firstRow } from '../../platform/db.ts';
import type { PaymentDecision } from '../payments/payment-decisions.ts';
import type { PaymentRef } from '../payments/payment-row.ts';
import { CLAIM_COLUMNS, type Claim } from './payment-invoices.ts';

/** What was done and decided about the invoice of a payment before. */
export interface Begun {
  readonly begun: Claim | undefined;
  readonly decision: PaymentDecision | undefined;
}

type OrNulls<Row> = { readonly [Column in keyof Row]: Row[Column] | null };
type Found = OrNulls<Claim> & {
  readonly decided: PaymentDecision['verdict'] | null;
  readonly decided_because: string | null;
  readonly decided_by: string | null;
};

/**
 * To be read under the lease, and not with the statement that takes it: that one sees what was there when it began to wait.
 */
export async function findBegun(db: Db, { account, paymentIntent }: PaymentRef): Promise<Begun> {
  const found = await firstRow<Found>(
    db,
    `SELECT ${CLAIM_COLUMNS}, decision.verdict AS decided, decision.reason AS decided_because, decision.decided_by
     FROM (SELECT) payment
     LEFT JOIN payment_invoices ON payment_invoices.account = :account
       AND payment_invoices.payment_intent = :paymentIntent AND reverses IS NULL
     LEFT JOIN payment_decisions decision ON decision.account = :account AND decision.payment_intent = :paymentIntent`,
    { account, paymentIntent },
  );
  if (!found) return { begun: undefined, decision: undefined };
  const { decided, decided_because: reason, decided_by, ...claim } = found;
  const decision = decided && reason !== null && decided_by ? { verdict: decided, reason, decided_by } : undefined;
  return { begun: isThere(claim) ? claim : undefined, decision };
}

/** The columns of a row that was not found are all NULL. */
function isThere(claim: OrNulls<Claim>): claim is Claim {
  return claim.id !== null;
}
