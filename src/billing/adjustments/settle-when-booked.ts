import type { Outcome } from '../../stripe/inbox/events.ts';
import type { EventDeps } from '../deps/deps.ts';
import type { PaymentRef, PaymentRow } from '../payments/payment-row.ts';
import { findPayment } from '../payments/payments.ts';
import { settleThenAdjust } from './settle-then-adjust.ts';

/**
 * `charge.updated` tells of a booking, and of every edit of a charge, however old: only a payment that waits for its booking
 * is taken up, so that a note on a charge of years ago makes no invoice. A wait that begins just now, in another worker,
 * needs no event: it looks again by itself.
 */
export async function settleWhenBooked(ref: PaymentRef, deps: EventDeps): Promise<Outcome> {
  if (isTakenUp(await findPayment(deps.db, ref))) return settleThenAdjust(ref, deps);
  const reason = 'the payment does not wait for its booking';
  return { outcome: 'ignored', reason, paymentIntent: ref.paymentIntent };
}

export function isTakenUp(known: PaymentRow | undefined): boolean {
  return Boolean(known?.unbooked_since || known?.settled_at);
}
