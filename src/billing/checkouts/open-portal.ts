import { Refused } from '../../platform/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { findSubscription } from '../subscriptions/subscriptions.ts';

/**
 * Stripe's page on which a customer changes his card or his plan, or cancels: made for each click, since its address ends soon.
 * Whoever calls knows that it is the customer who asks.
 * @param returnUrl where the page leads back to; without one where the settings at Stripe say
 * @throws Refused when the subscription is not known, or nothing can be done about it any more
 */
export async function openPortal(
  id: string,
  returnUrl: string | undefined,
  { db, stripe }: Pick<Deps, 'db' | 'stripe'>,
): Promise<{ readonly url: string }> {
  const subscription = await findSubscription(db, id);
  if (!subscription) throw new Refused(`There is no subscription ${id} here.`);
  const { status, customer } = subscription;
  if (status === 'canceled' || status === 'incomplete_expired') {
    throw new Refused(`Subscription ${id} is ${status}: a new one begins in a checkout (POST /v1/checkouts).`);
  }
  const { url } = await stripe.billingPortal.sessions.create({
    customer,
    ...(returnUrl === undefined ? {} : { return_url: returnUrl }),
  });
  return { url };
}
