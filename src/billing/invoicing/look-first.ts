import { toUnix } from '../../platform/clock.ts';
import type { Payment } from '../../stripe/payment.ts';
import type { Claim } from './payment-invoices.ts';

/**
 * What to find out before anything is written for a claim, pure.
 * - nothing: nobody has begun it, or the keys in use answer for what was done: a repeated write gets what the first one made
 * - invoice: the one that was stored, of which Stripe knows how far it has come
 * - everything: whatever was made for the payment, by a try whose keys have expired or were given up, or by an installation
 *   whose database is lost or older than its documents
 */
export type Look = 'nothing' | 'invoice' | 'everything';

/** Keys live at least 24 h; an hour is kept as margin. */
const KEYS_LIVE_SECONDS = 23 * 3600;

export function lookFor(claim: Claim, payment: Payment, now: Date): Look {
  if (claim.stripe_invoice) return 'invoice';
  const isOld = (seconds: number): boolean => toUnix(now) - seconds > KEYS_LIVE_SECONDS;
  if (claim.tried_at === null) return isOld(payment.intent.created) ? 'everything' : 'nothing';
  const known = claim.keys_since !== null && claim.keys_version === claim.key_version;
  return known && claim.keys_since && !isOld(toUnix(claim.keys_since)) ? 'nothing' : 'everything';
}
