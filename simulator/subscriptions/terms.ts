import { checkInterval } from '../catalog/interval.ts';
import { newPrice } from '../catalog/price.ts';
import type { Context } from '../core/context.ts';
import { invalidParam, refused } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { Params } from '../core/params.ts';
import { mergeMetadata } from '../core/shared-params.ts';
import type { Metadata } from '../core/wire.ts';
import type { Recurring } from './calendar.ts';
import type { newItemShape } from './params.ts';
import type { SubscriptionItem } from './subscription.ts';

type Price = ObjectTypes['price'];
type SentItem = Partial<Params<typeof newItemShape>>;

/** What one item of a subscription costs and how often: how it is, or how it is going to be. */
export interface Terms {
  /** The item itself, with an id that it will keep when it is new. */
  readonly id: string;
  readonly price: Price;
  readonly quantity: number;
  readonly metadata: Metadata;
  readonly taxRates: NonNullable<SubscriptionItem['tax_rates']>;
}

export const termsOf = ({ id, price, quantity, metadata, tax_rates: rates }: SubscriptionItem): Terms => ({
  id,
  price,
  quantity: quantity ?? 1,
  metadata,
  taxRates: rates ?? [],
});

export function recurringOf({ id, recurring }: Price): Recurring {
  if (recurring === null) throw new Error(`Bug: price ${id} does not come round`);
  return recurring;
}

/** Minor units for one whole period. */
export const fullAmount = ({ price, quantity }: Terms): number =>
  Math.round(Number(price.unit_amount_decimal ?? 0) * quantity);

export const sameInterval = (a: Price, b: Price): boolean =>
  a.recurring?.interval === b.recurring?.interval && a.recurring?.interval_count === b.recurring?.interval_count;

/** A new item. Its inline price, if it has one, is stored with it. */
export function newTerms(context: Context, sent: SentItem, param: string): Terms {
  const price = priceOf(context, sent, param);
  if (price === undefined) throw invalidParam('You must specify either `price` or `price_data`.', `${param}[price]`);
  return {
    id: context.id('si_'),
    price,
    quantity: sent.quantity ?? 1,
    metadata: mergeMetadata({}, sent.metadata),
    taxRates: ratesOf(context, sent.tax_rates ?? [], `${param}[tax_rates]`),
  };
}

/** What an item is going to be; what was not sent stays. */
export function changedTerms(context: Context, before: Terms, sent: SentItem, param: string): Terms {
  return {
    id: before.id,
    price: priceOf(context, sent, param) ?? before.price,
    quantity: sent.quantity ?? before.quantity,
    metadata: mergeMetadata(before.metadata, sent.metadata),
    taxRates: sent.tax_rates === undefined ? before.taxRates : ratesOf(context, sent.tax_rates ?? [], param),
  };
}

function priceOf(context: Context, { price: id, price_data: data }: SentItem, param: string): Price | undefined {
  if (id !== undefined && data !== undefined) {
    const message = 'You may only specify one of these parameters: price, price_data.';
    throw invalidParam(message, `${param}[price_data]`, 'parameters_exclusive');
  }
  if (id !== undefined) return recurringPrice(context, id, `${param}[price]`);
  if (data === undefined) return undefined;
  context.store.product.need(data.product, `${param}[price_data][product]`);
  checkInterval(data.recurring, `${param}[price_data][recurring]`);
  return newPrice(context, data.product, data, { active: false });
}

export function recurringPrice(context: Context, id: string, param: string): Price {
  const price = context.store.price.need(id, param);
  if (price.type !== 'recurring') {
    const message =
      'The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.';
    throw refused(message, { param });
  }
  if (!price.active) {
    throw refused('The price specified is inactive. This field only accepts active prices.', { param });
  }
  return price;
}

export function ratesOf(context: Context, ids: readonly string[], param: string): Terms['taxRates'] {
  return ids.map((id, index) => context.store.tax_rate.need(id, `${param}[${index}]`));
}

/** What several items must have in common, whichever they are. */
export function checkTogether(all: readonly Terms[], flexible: boolean, currency = all[0]?.price.currency): void {
  const [first, ...others] = all.map(({ price }) => price);
  if (first === undefined) return;
  const foreign = all.find(({ price }) => price.currency !== currency)?.price;
  if (foreign !== undefined) {
    const message = `The price specified only supports \`${foreign.currency}\`. This doesn't match the expected currency: \`${currency}\`.`;
    throw refused(message, { param: 'items' });
  }
  const ids = all.map(({ price }) => price.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw refused(`You cannot add multiple subscription items with the same price: ${twice}.`, { param: 'items' });
  }
  if (flexible || others.every((other) => sameInterval(first, other))) return;
  throw refused(
    'All prices on a subscription must have the same `recurring.interval` and `recurring.interval_count`. If you meant to update an existing subscription item instead of creating a new one, make sure to include the subscription item ID in the request. See examples at https://stripe.com/docs/billing/subscriptions/multiple-products.',
    { param: 'items' },
  );
}
