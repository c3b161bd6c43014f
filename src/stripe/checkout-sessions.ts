import type Stripe from 'stripe';

/** Reads Stripe's list of Checkout Sessions. There is no event for the opening of one. */
const PAGE = 100;

/**
 * A page of those that were created since then, newest first, each with what it has led to.
 * @param after the last session of the page before
 */
export async function fetchSessions(
  stripe: Stripe,
  since: Date,
  after: string | null,
): Promise<Stripe.ApiList<Stripe.Checkout.Session>> {
  return stripe.checkout.sessions.list({
    created: { gte: Math.floor(since.getTime() / 1000) },
    limit: PAGE,
    expand: ['data.payment_intent.latest_charge', 'data.subscription'],
    ...(after === null ? {} : { starting_after: after }),
  });
}
