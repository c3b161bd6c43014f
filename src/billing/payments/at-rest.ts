import type { Outcome } from '../../stripe/inbox/events.ts';
import type { Rest } from './payment-lease.ts';
import type { PaymentRow } from './payment-row.ts';

/**
 * What is certain of a payment without asking Stripe: it has its invoice, or was skipped, or waits for a person.
 * @param reconsider a person asks: what was skipped or waits is decided anew
 */
export function atRest(reconsider: boolean): Rest<Outcome> {
  return {
    when: reconsider
      ? `settled_at IS NOT NULL AND verdict = 'invoice'`
      : `settled_at IS NOT NULL OR verdict = 'review'`,
    end: (row) => conclusionOf(row, reconsider),
  };
}

export function conclusionOf(row: PaymentRow, reconsider: boolean): Outcome | undefined {
  const paymentIntent = row.payment_intent;
  if (row.settled_at && row.verdict === 'invoice')
    return { outcome: 'processed', reason: 'the payment has its invoice', paymentIntent };
  if (reconsider) return undefined;
  if (row.settled_at) return { outcome: 'ignored', reason: row.reason ?? 'skipped', paymentIntent };
  if (row.verdict === 'review')
    return { outcome: 'review', reason: row.parked_for ?? row.reason ?? 'a person is asked', paymentIntent };
  return undefined;
}
