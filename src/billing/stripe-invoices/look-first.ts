import { toUnix } from '../../platform/clock.ts';
import type { Payment } from '../../stripe/payment.ts';
import type { Claim } from './payment-invoices.ts';

/**
 * What to find out before anything is written for a claim, pure.
 * - nothing: nobody has begun it
 * - invoice: the one that was stored, of which Stripe knows how far it has come
 * - own tries: what was made by whoever began it and did not finish. Not left to the keys alone: they are forgotten after a
 *   day, and hold a failure as well
 * - everything: also what an installation whose database is lost, or older than its documents, has made
 */
export type Look = 'nothing' | 'invoice' | 'own tries' | 'everything';

/** Keys live at least 24 h; an hour is kept as margin. As long as they do, they answer for an earlier installation. */
const KEYS_LIVE_SECONDS = 23 * 3600;

export function lookFor(
  claim: Pick<Claim, 'stripe_invoice' | 'tried_at' | 'key_version'>,
  payment: Payment,
  now: Date,
): Look {
  if (claim.stripe_invoice) return 'invoice';
  if (toUnix(now) - payment.intent.created > KEYS_LIVE_SECONDS) return 'everything';
  if (claim.tried_at === null) return 'nothing';
  // A key was given up: perhaps because an earlier installation had used it for another request.
  return claim.key_version > 1 ? 'everything' : 'own tries';
}
