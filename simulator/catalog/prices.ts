import type { Context } from '../core/context.ts';
import { refused } from '../core/errors.ts';
import { paginate } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { array, bool, object, oneOf, required, string, text, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { createdParam, currency, inRange, listParams, mergeMetadata, metadata } from '../core/shared-params.ts';
import { checkInterval } from './interval.ts';
import { createPrice, priceAmountParams, recurringShape, unitAmount } from './price.ts';
import { createProduct } from './products.ts';

type Price = ObjectTypes['price'];

const productData = object({
  active: bool(),
  id: string(),
  metadata: metadata(),
  name: required(string()),
  statement_descriptor: string({ max: 22 }),
  tax_code: string(),
  tax_details: unsimulated(),
  unit_label: string({ max: 12 }),
});

/**
 * A lookup key names one price of the account. The returned function takes it from the price that has it, where
 * `transfer_lookup_key` allows that.
 */
function planLookupKey(
  context: Context,
  {
    lookup_key: key,
    transfer_lookup_key: transfer,
  }: { lookup_key?: string | null | undefined; transfer_lookup_key?: boolean | undefined },
  owner?: Price,
): () => void {
  if (key == null) return () => {};
  const [holder] = context.store.price.newestFirst((price) => price.lookup_key === key && price !== owner);
  if (holder === undefined) return () => {};
  if (transfer !== true) {
    throw refused(`A price (\`${holder.id}\`) already uses that lookup key.`, { param: 'lookup_key' });
  }
  return () => {
    context.change(holder, 'price.updated', () => {
      holder.lookup_key = null;
    });
  };
}

function checkNotDefault(context: Context, price: Price): void {
  if (context.store.product.get(price.product)?.default_price !== price.id) return;
  throw refused('This price cannot be archived because it is the default price of its product.', { param: 'active' });
}

/** https://docs.stripe.com/api/prices */
export const prices: Resource = {
  expansions: { price: { product: 'id' } },
  routes: [
    route(
      'POST',
      '/v1/prices',
      {
        ...priceAmountParams,
        active: bool(),
        lookup_key: string({ max: 200 }),
        metadata: metadata(),
        nickname: text(),
        product: string(),
        product_data: productData,
        recurring: object({
          ...recurringShape,
          meter: unsimulated(),
          trial_period_days: unsimulated(),
          usage_type: oneOf('licensed'),
        }),
        billing_scheme: oneOf('per_unit'),
        currency_options: unsimulated(),
        custom_unit_amount: unsimulated(),
        tiers: unsimulated(),
        tiers_mode: unsimulated(),
        transfer_lookup_key: bool(),
        transform_quantity: unsimulated(),
      },
      (context, params) => {
        const { product, product_data: data } = params;
        checkInterval(params.recurring);
        unitAmount(params);
        const key = planLookupKey(context, params);
        if ((product === undefined) === (data === undefined)) {
          throw refused('You must specify exactly one of `product` or `product_data`.', { param: 'product' });
        }
        const productId =
          data === undefined
            ? context.store.product.need(product ?? '', 'product').id
            : createProduct(
                context,
                { name: data.name, metadata: mergeMetadata({}, data.metadata) },
                data.id,
                (made) => {
                  made.active = data.active ?? true;
                  made.statement_descriptor = data.statement_descriptor ?? null;
                  made.tax_code = data.tax_code ?? null;
                  made.unit_label = data.unit_label ?? null;
                },
              ).id;
        key();
        return createPrice(context, productId, params, {
          active: params.active ?? true,
          lookup_key: params.lookup_key ?? null,
          nickname: params.nickname ?? null,
        });
      },
    ),
    route(
      'POST',
      '/v1/prices/{id}',
      {
        active: bool(),
        currency_options: unsimulated(),
        lookup_key: text({ max: 200 }),
        metadata: metadata(),
        nickname: text(),
        tax_behavior: oneOf('exclusive', 'inclusive', 'unspecified'),
        transfer_lookup_key: bool(),
      },
      (context, params, { id }) => {
        const price = context.store.price.need(id);
        const key = planLookupKey(context, params, price);
        if (params.active === false) checkNotDefault(context, price);
        key();
        return context.change(price, 'price.updated', () => {
          price.active = params.active ?? price.active;
          if (params.lookup_key !== undefined) price.lookup_key = params.lookup_key;
          if (params.nickname !== undefined) price.nickname = params.nickname;
          price.tax_behavior = params.tax_behavior ?? price.tax_behavior;
          price.metadata = mergeMetadata(price.metadata, params.metadata);
        });
      },
    ),
    route('GET', '/v1/prices/{id}', {}, (context, _params, { id }) => context.store.price.need(id)),
    route(
      'GET',
      '/v1/prices',
      {
        ...listParams,
        ...createdParam,
        active: bool(),
        currency: currency(),
        lookup_keys: array(string(), { max: 10 }),
        product: string(),
        recurring: object({
          interval: oneOf('day', 'month', 'week', 'year'),
          meter: unsimulated(),
          usage_type: oneOf('licensed', 'metered'),
        }),
        type: oneOf('one_time', 'recurring'),
      },
      (context, params) => {
        const { active, currency: code, lookup_keys: keys, product, recurring, type, created } = params;
        const found = context.store.price.newestFirst(
          (price) =>
            (active === undefined || price.active === active) &&
            (code === undefined || price.currency === code) &&
            (keys === undefined || (price.lookup_key !== null && keys.includes(price.lookup_key))) &&
            (product === undefined || price.product === product) &&
            (type === undefined || price.type === type) &&
            (recurring?.interval === undefined || price.recurring?.interval === recurring.interval) &&
            (recurring?.usage_type === undefined || price.recurring?.usage_type === recurring.usage_type) &&
            (created === undefined || inRange(price.created, created)),
        );
        return paginate(found, params, '/v1/prices');
      },
    ),
  ],
};
