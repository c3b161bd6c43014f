import { isMissing } from '../../stripe/errors.ts';
import type { Outcome } from '../../stripe/inbox/events.ts';
import { leaveMark } from '../agreement/marks.ts';
import type { EventDeps } from '../deps/deps.ts';
import { priceOf } from './from-stripe.ts';
import { findPrices, findProduct, subscriptionsAt, writePrice, writeProduct } from './prices.ts';
import { nowAt, subscriptionsOf } from './subscriptions.ts';
import { syncSubscription } from './sync-subscription.ts';

/** What many subscriptions have in common: who has them, and what they are over. */
export interface CustomerRef {
  /** cus_… */
  readonly customer: string;
}

export interface PriceRef {
  /** price_… */
  readonly price: string;
}

export interface ProductRef {
  /** prod_… */
  readonly product: string;
}

/** His card, address and metadata stand in the answer about each of his subscriptions. */
export async function followCustomer({ customer }: CustomerRef, { finish: _, ...deps }: EventDeps): Promise<Outcome> {
  const live = await subscriptionsOf(deps.db, customer);
  for (const subscription of live) await syncSubscription({ subscription }, deps);
  return live.length === 0
    ? { outcome: 'ignored', reason: 'the customer has no subscription that goes on' }
    : { outcome: 'processed', reason: `${live.length} subscriptions of the customer were looked at` };
}

/** Only of what was sold here: everything else is asked for when it is. */
export async function refreshPrice({ price: id }: PriceRef, deps: EventDeps): Promise<Outcome> {
  const { db, stripe } = deps;
  if (!(await findPrices(db, [id])).has(id)) return { outcome: 'ignored', reason: 'nothing was sold at this price' };
  const now = await nowAt(db);
  try {
    await writePrice(db, priceOf(await stripe.prices.retrieve(id)), now);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return { outcome: 'ignored', reason: `${id} is not at Stripe any more` };
  }
  return decideAnew(id, deps);
}

export async function refreshProduct({ product: id }: ProductRef, deps: EventDeps): Promise<Outcome> {
  const { db, stripe } = deps;
  if (!(await findProduct(db, id))) return { outcome: 'ignored', reason: 'nothing of this product was sold' };
  const now = await nowAt(db);
  try {
    await writeProduct(db, await stripe.products.retrieve(id), now);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return { outcome: 'ignored', reason: `${id} is not at Stripe any more` };
  }
  return { outcome: 'processed', reason: 'the product is called as at Stripe' };
}

/** Many may hang on one price: each is decided anew by itself, soon. */
async function decideAnew(id: string, { db }: EventDeps): Promise<Outcome> {
  const touched = await subscriptionsAt(db, id);
  await db.transaction(async (trx) => {
    for (const each of touched) {
      await leaveMark(trx, { record: 'subscription', id: each }, 'access', `the price ${id} has changed`);
    }
  });
  return { outcome: 'processed', reason: `${touched.length} subscriptions at this price are decided anew` };
}
