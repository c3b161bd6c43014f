import type Stripe from 'stripe';
import { isReplayedFailure } from '../../stripe/errors.ts';
import { MADE_BY } from '../../stripe/our-documents.ts';

/** Stripe remembers a refusal for its key, and its reason may be gone: so often another key is tried. */
const KEYS = 5;

/** In the word of Stripe. */
export type RefundReason = 'duplicate' | 'requested_by_customer';

/**
 * Refunds all that is left of a payment, once. It is looked first what was refunded, by whoever decided this before or by
 * hand, and Stripe itself refunds no more than was paid: who asks twice, or at the same time, gets the same refund.
 * @param payment pi_…, or ch_… where there is no intent
 * @returns what became of it, in words
 */
export async function refundPayment(payment: string, reason: RefundReason, stripe: Stripe): Promise<string> {
  const of = payment.startsWith('ch_') ? { charge: payment } : { payment_intent: payment };
  for (let tried = 0; ; tried += 1) {
    const { done, failed } = await refundsOf(of, reason, stripe);
    if (done) return done;
    // The key of one that has failed since would be answered with it, as it was.
    const number = 1 + failed + tried;
    try {
      const refund = await stripe.refunds.create(
        { ...of, reason, metadata: { made_by: MADE_BY } },
        { idempotencyKey: `quittance:${reason}:${payment}${number === 1 ? '' : `:${number}`}` },
      );
      return `refund ${refund.id} is ${refund.status}`;
    } catch (error) {
      if (!isReplayedFailure(error) || tried + 1 === KEYS) throw error;
    }
  }
}

type Of = { readonly charge: string } | { readonly payment_intent: string };

interface Refunds {
  /** Undefined while something is left to refund. */
  readonly done?: string;
  /** How many of ours did not reach the customer. */
  readonly failed: number;
}

async function refundsOf(of: Of, wanted: RefundReason, stripe: Stripe): Promise<Refunds> {
  const { data } = await stripe.refunds.list({ ...of, limit: 100, expand: ['data.charge'] });
  const isOurs = ({ reason, metadata }: Stripe.Refund) => reason === wanted && metadata?.made_by === MADE_BY;
  const standing = data.filter(({ status }) => status !== 'failed' && status !== 'canceled');
  const failed = data.filter((refund) => isOurs(refund) && !standing.includes(refund)).length;
  const ours = standing.find(isOurs);
  if (ours) return { done: `refund ${ours.id} is ${ours.status}`, failed };
  const charge = standing[0]?.charge;
  const paid = typeof charge === 'object' ? charge?.amount_captured : undefined;
  const refunded = standing.reduce((sum, { amount }) => sum + amount, 0);
  return paid !== undefined && refunded >= paid ? { done: 'it was refunded already, by hand', failed } : { failed };
}
