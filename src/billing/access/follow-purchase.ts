import type { Outcome } from '../../stripe/inbox/events.ts';
import { fetchPayment, type Payment } from '../../stripe/payment.ts';
import type { Deps } from '../deps/deps.ts';
import { givenAt, type MoneyArrival, moneyArrival } from '../payments/money-arrival.ts';
import { type PaymentLease, withPaymentLease } from '../payments/payment-lease.ts';
import type { PaymentRef } from '../payments/payment-row.ts';
import { givesAccess } from '../policy/access.ts';
import { purchaseOf } from './purchase.ts';
import { recordPurchase } from './purchases.ts';

/**
 * Writes what was bought, as far as anything is given for purchases; who may use what follows from it. The buyer of a debit
 * gets it when the money came: the day on which Stripe booked that is waited for by documents alone.
 */
export async function notePurchase(
  lease: PaymentLease,
  payment: Payment,
  arrival: MoneyArrival,
  { db, changed, policy }: Pick<Deps, 'db' | 'changed' | 'policy'>,
): Promise<boolean> {
  if (!givesAccess(policy.access)) return false;
  const { at } = 'at' in arrival ? arrival : givenAt(payment.intent, payment.charge);
  const purchase = purchaseOf(payment, at);
  if (!purchase) return false;
  await db.transaction(async (trx) => {
    await recordPurchase(trx, lease, purchase);
    await changed(trx, { record: 'payment', id: purchase.paymentIntent, turned: 'paid' });
  });
  return true;
}

/** Of a payment that was settled before access was given for anything, or whose buyer waits on his way back. */
export async function followPurchase(ref: PaymentRef, deps: Deps): Promise<Outcome> {
  return withPaymentLease(deps.db, ref, deps.livemode, async (lease) => {
    const payment = await fetchPayment(deps.stripe, ref.paymentIntent);
    const isNoted = await notePurchase(lease, payment, moneyArrival(payment.intent, payment.charge), deps);
    const reason = isNoted ? 'what was bought is on record' : 'nothing was bought that access is given for';
    return { outcome: isNoted ? 'processed' : 'ignored', reason, paymentIntent: ref.paymentIntent };
  });
}
