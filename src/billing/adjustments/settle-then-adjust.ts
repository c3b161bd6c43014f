import type { Outcome } from '../../stripe/inbox/events.ts';
import type { EventDeps } from '../deps/deps.ts';
import type { PaymentRef } from '../payments/payment-row.ts';
import { settlePayment } from '../stripe-invoices/settle-payment.ts';
import { adjustPayment } from './adjust-payment.ts';
import { isAdjustmentAwaited } from './adjustments.ts';

/**
 * What was taken back of a payment before it had its invoice waits with it, and the events that told of it may be over: so
 * the event that brings the invoice sees to the credit notes too. Repeated after a crash between the two it finds them.
 */
export async function settleThenAdjust(ref: PaymentRef, { finish, ...deps }: EventDeps): Promise<Outcome> {
  let isAwaited: boolean | undefined;
  const end = await settlePayment(ref, deps, {
    async settled(trx, now) {
      isAwaited = await isAdjustmentAwaited(trx, ref);
      if (!isAwaited) await finish?.(trx, now);
    },
  });
  if (end.outcome === 'processed' && (isAwaited ?? (await isAdjustmentAwaited(deps.db, ref)))) {
    await adjustPayment(ref, deps);
  }
  return end;
}
