import type Stripe from 'stripe';
import { messageOf } from '../../platform/log.ts';
import { isForbidden } from '../../stripe/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { syncSubscription } from '../subscriptions/sync-subscription.ts';
import { type Found, PAGE, type Page } from './page.ts';

/** Pages of subscriptions at Stripe, newest first. Each is brought into agreement by the use case of its events. */

/** Those that have begun since a day, whatever has become of them. */
export async function pastSubscriptions(stripe: Stripe, since: number, cursor: string | null): Promise<Page> {
  return readable(async () => {
    const list = await stripe.subscriptions.list({ status: 'all', created: { gte: since }, ...after(cursor) });
    return page(list, list.data);
  });
}

/** Older ones that go on: without a status Stripe lists those that have not ended. */
export async function liveSubscriptions(stripe: Stripe, since: number, cursor: string | null): Promise<Page> {
  return readable(async () => {
    const list = await stripe.subscriptions.list({ created: { lt: since }, ...after(cursor) });
    return page(list, list.data);
  });
}

/** One request for each; Stripe allows a clock a few customers with a few subscriptions. */
const CLOCKS_AT_ONCE = 20;

/** A list leaves out what is on a test clock, unless it asks for that clock. Clocks are deleted after a while, so all of them are looked at. */
export async function subscriptionsOnClocks(
  { stripe, livemode }: Pick<Deps, 'stripe' | 'livemode'>,
  cursor: string | null,
): Promise<Page> {
  if (livemode) return { found: [], next: null, reached: null };
  return readable(async () => {
    const clocks = await stripe.testHelpers.testClocks.list({ ...after(cursor), limit: CLOCKS_AT_ONCE });
    const found: Stripe.Subscription[] = [];
    for (const { id } of clocks.data) {
      const { data } = await stripe.subscriptions.list({ test_clock: id, status: 'all', limit: PAGE });
      found.push(...data);
    }
    return page(clocks, found);
  });
}

/** The rest can be looked at all the same. */
async function readable(read: () => Promise<Page>): Promise<Page> {
  try {
    return await read();
  } catch (error) {
    if (!isForbidden(error)) throw error;
    const problem = `subscriptions: the Stripe key may not read them, which docs/stripe.md asks for: ${messageOf(error)}`;
    return { found: [{ problem }], next: null, reached: null };
  }
}

function page(
  list: Stripe.ApiList<{ readonly id: string; readonly created: number }>,
  found: readonly Stripe.Subscription[],
): Page {
  const last = list.data.at(-1);
  return {
    found: found.map(({ id }) => foundSubscription(id)),
    next: list.has_more && last ? last.id : null,
    reached: last?.created ?? 0,
  };
}

function foundSubscription(subscription: string): Found {
  return { subscription, bring: (deps) => syncSubscription({ subscription }, deps) };
}

function after(cursor: string | null) {
  return { limit: PAGE, ...(cursor ? { starting_after: cursor } : {}) };
}
