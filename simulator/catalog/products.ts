import type { Context } from '../core/context.ts';
import { refused } from '../core/errors.ts';
import { paginate } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import {
  array,
  bool,
  clearable,
  decimal,
  object,
  oneOf,
  type Params,
  required,
  string,
  text,
  unsimulated,
} from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { createdParam, inRange, listParams, mergeMetadata, metadata, url } from '../core/shared-params.ts';
import { checkInterval } from './interval.ts';
import { createPrice, inlinePriceParams } from './price.ts';

type Product = ObjectTypes['product'];

const dimensions = object({
  height: required(decimal({ min: 0 })),
  length: required(decimal({ min: 0 })),
  weight: required(decimal({ min: 0 })),
  width: required(decimal({ min: 0 })),
});

const shared = {
  active: bool(),
  description: text({ max: 40_000 }),
  images: clearable(array(string(), { max: 8 })),
  marketing_features: clearable(array(object({ name: required(string({ max: 80 })) }), { max: 15 })),
  metadata: metadata(),
  package_dimensions: clearable(dimensions),
  shippable: bool(),
  statement_descriptor: text({ max: 22 }),
  tax_code: text(),
  tax_details: unsimulated(),
  unit_label: text({ max: 12 }),
  url: url(),
} as const;

export interface ProductFields {
  name: string;
  description?: string | null;
  images?: string[];
  metadata?: Product['metadata'];
  tax_code?: string | null;
  unit_label?: string | null;
}

/**
 * A product that a price is about; also made in passing by `price_data` and `product_data`. `complete` fills in the rest
 * before the event goes out.
 */
export function createProduct(
  context: Context,
  fields: ProductFields,
  id = context.id('prod_'),
  complete: (product: Product) => void = () => {},
): Product {
  const now = context.now();
  const product = context.store.product.add({
    id,
    object: 'product',
    active: true,
    created: now,
    default_price: null,
    description: fields.description ?? null,
    images: fields.images ?? [],
    livemode: context.livemode,
    marketing_features: [],
    metadata: fields.metadata ?? {},
    name: fields.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: fields.tax_code ?? null,
    tax_details: null,
    type: 'service',
    unit_label: fields.unit_label ?? null,
    updated: now,
    url: null,
  });
  complete(product);
  context.emit('product.created', product);
  return product;
}

function apply(product: Product, sent: Omit<Params<typeof shared>, 'tax_details'>): void {
  product.active = sent.active ?? product.active;
  if (sent.description !== undefined) product.description = sent.description;
  if (sent.images !== undefined) product.images = sent.images ?? [];
  if (sent.marketing_features !== undefined) product.marketing_features = sent.marketing_features ?? [];
  if (sent.package_dimensions !== undefined) product.package_dimensions = sent.package_dimensions;
  if (sent.shippable !== undefined) product.shippable = sent.shippable;
  if (sent.statement_descriptor !== undefined) product.statement_descriptor = sent.statement_descriptor;
  if (sent.tax_code !== undefined) product.tax_code = sent.tax_code;
  if (sent.unit_label !== undefined) product.unit_label = sent.unit_label;
  if (sent.url !== undefined) product.url = sent.url;
  product.metadata = mergeMetadata(product.metadata, sent.metadata);
}

/** https://docs.stripe.com/api/products */
export const products: Resource = {
  expansions: { product: { default_price: 'id' } },
  routes: [
    route(
      'POST',
      '/v1/products',
      {
        ...shared,
        name: required(string()),
        id: string(),
        type: oneOf('good', 'service'),
        default_price_data: object(inlinePriceParams),
      },
      (context, params) => {
        if (params.id !== undefined && context.store.product.get(params.id) !== undefined) {
          throw refused('Product already exists.', { code: 'resource_already_exists', param: 'id' });
        }
        checkInterval(params.default_price_data?.recurring, 'default_price_data[recurring]');
        const product = createProduct(context, { name: params.name }, params.id, (made) => {
          apply(made, params);
          made.type = params.type ?? 'service';
        });
        if (params.default_price_data !== undefined) {
          product.default_price = createPrice(context, product.id, params.default_price_data).id;
        }
        return product;
      },
    ),
    route(
      'POST',
      '/v1/products/{id}',
      { ...shared, name: string(), default_price: text() },
      (context, params, { id }) => {
        const product = context.store.product.need(id);
        if (params.default_price != null) context.store.price.need(params.default_price, 'default_price');
        return context.change(product, 'product.updated', () => {
          apply(product, params);
          product.name = params.name ?? product.name;
          if (params.default_price !== undefined) product.default_price = params.default_price;
          product.updated = context.now();
        });
      },
    ),
    route('GET', '/v1/products/{id}', {}, (context, _params, { id }) => {
      const { product } = context.store;
      return product.wasDeleted(id) ? { id, object: 'product', deleted: true } : product.need(id);
    }),
    route(
      'GET',
      '/v1/products',
      {
        ...listParams,
        ...createdParam,
        active: bool(),
        ids: array(string()),
        shippable: bool(),
        type: oneOf('good', 'service'),
        url: string(),
      },
      (context, params) => {
        const { active, ids, shippable, type, url: site, created } = params;
        const found = context.store.product.newestFirst(
          (product) =>
            (active === undefined || product.active === active) &&
            (ids === undefined || ids.includes(product.id)) &&
            (shippable === undefined || product.shippable === shippable) &&
            (type === undefined || product.type === type) &&
            (site === undefined || product.url === site) &&
            (created === undefined || inRange(product.created, created)),
        );
        return paginate(found, params, '/v1/products');
      },
    ),
    route('DELETE', '/v1/products/{id}', {}, (context, _params, { id }) => {
      const product = context.store.product.need(id);
      const [price] = context.store.price.newestFirst((one) => one.product === id);
      if (price !== undefined) {
        throw refused('This product cannot be deleted because it has one or more user-created prices.');
      }
      const stub = context.store.product.delete(id);
      context.emit('product.deleted', product);
      return stub;
    }),
  ],
};
