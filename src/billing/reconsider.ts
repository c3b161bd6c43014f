import { whenFree } from '../platform/when-free.ts';
import type { Outcome } from '../stripe/inbox/events.ts';
import { adjustPayment } from './adjustments/adjust-payment.ts';
import type { Deps } from './deps/deps.ts';
import { recordAudit } from './desk/audit-log.ts';
import type { Decider } from './desk/questions.ts';
import { revokeDecision } from './payments/payment-decisions.ts';
import type { PaymentRef } from './payments/payment-row.ts';

/** A person has a payment decided anew, by the rules: what a person has decided about it before holds no more. */
export async function reconsiderPayment(ref: PaymentRef, deps: Deps, { actor, reason }: Decider): Promise<Outcome> {
  await deps.db.transaction(async (trx) => {
    await recordAudit(trx, { actor, action: 'reconsider', subject: ref.paymentIntent, reason });
    await revokeDecision(trx, ref);
  });
  return whenFree(() => adjustPayment(ref, deps, { reconsider: true }));
}
