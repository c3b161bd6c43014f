import { isMissing } from '../../stripe/errors.ts';
import type { Deps } from '../deps/deps.ts';
import type { Plan } from '../policy/access.ts';
import { priceOf } from '../subscriptions/from-stripe.ts';
import type { Price } from '../subscriptions/subscription.ts';

/** An active recurring price, by its id or its lookup key. */
export async function priceNamed(asked: string, { stripe }: Pick<Deps, 'stripe'>): Promise<Price | undefined> {
  try {
    const price = asked.startsWith('price_')
      ? await stripe.prices.retrieve(asked)
      : (await stripe.prices.list({ lookup_keys: [asked], active: true, limit: 1 })).data[0];
    return price?.active && price.recurring ? priceOf(price) : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** @param asked how the price was named */
export function isPriceOf({ prices, product }: Plan, asked: string, price: Price): boolean {
  return (
    prices.some((each) => each === asked || each === price.id || each === price.lookupKey) || product === price.product
  );
}
