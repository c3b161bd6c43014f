import { plannedEnd } from './standing.ts';
import type { Subscription, SubscriptionStatus } from './subscription.ts';

/** Who pays twice for one product, pure. */
export interface SecondSubscription {
  /** That began later. */
  readonly subscription: string;
  /** The earliest over the same product. */
  readonly other: string;
  /** prod_… */
  readonly product: string;
}

/** @param subscriptions of one reference. @returns one for each that a product is billed by once more, in the order they began */
export function secondSubscriptions(subscriptions: readonly Subscription[]): SecondSubscription[] {
  const first = new Map<string, string>();
  const inOrder = subscriptions
    .filter(billsAgain)
    .toSorted((one, other) => one.created.getTime() - other.created.getTime() || (one.id < other.id ? -1 : 1));
  return inOrder.flatMap(({ id, items }) => {
    const products = items.map(({ price }) => price.product);
    const seconds = products.flatMap((product) => {
      const other = first.get(product);
      return other === undefined ? [] : [{ subscription: id, other, product }];
    });
    for (const product of products) if (!first.has(product)) first.set(product, id);
    return seconds.slice(0, 1);
  });
}

/**
 * Whether Stripe will ask for money for it again, or may: one that is paused does when its customer adds a card, and one that is
 * unpaid when he pays. One that waits for its first payment ends by itself; one that ends with its period bills no more.
 */
export function billsAgain(subscription: Subscription): boolean {
  return BILLED.includes(subscription.status) && !endsWithItsPeriod(subscription);
}

const BILLED: readonly SubscriptionStatus[] = ['trialing', 'active', 'past_due', 'unpaid', 'paused'];

/** One that ends later, as after the year that somebody signed for, is billed until then. */
function endsWithItsPeriod(subscription: Subscription): boolean {
  const end = plannedEnd(subscription);
  return end !== null && subscription.items.every(({ periodEnd }) => end <= periodEnd);
}
