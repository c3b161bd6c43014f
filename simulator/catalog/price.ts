import type { Context } from '../core/context.ts';
import { invalidParam } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { int, object, oneOf, type Params, required, string, unsimulated } from '../core/params.ts';
import { currency, mergeMetadata, metadata } from '../core/shared-params.ts';

type Price = ObjectTypes['price'];

export const recurringShape = {
  interval: required(oneOf('day', 'month', 'week', 'year')),
  interval_count: int({ min: 1 }),
} as const;

export const recurringParam = object(recurringShape);

/** What `default_price_data`, `price_data` and a price itself have in common. */
export const priceAmountParams = {
  currency: required(currency()),
  tax_behavior: oneOf('exclusive', 'inclusive', 'unspecified'),
  unit_amount: int({ min: 0 }),
  unit_amount_decimal: string({ max: 30 }),
} as const;

export const inlinePriceParams = {
  ...priceAmountParams,
  recurring: recurringParam,
  metadata: metadata(),
  currency_options: unsimulated(),
  custom_unit_amount: unsimulated(),
} as const;

export interface PriceFields {
  currency: string;
  tax_behavior?: 'exclusive' | 'inclusive' | 'unspecified' | undefined;
  unit_amount?: number | undefined;
  unit_amount_decimal?: string | undefined;
  recurring?: Params<{ recurring: typeof recurringParam }>['recurring'];
  metadata?: Params<{ metadata: ReturnType<typeof metadata> }>['metadata'];
}

/** A price per unit in minor units. Fractions of them are kept in `unit_amount_decimal`, then `unit_amount` is null. */
export function createPrice(
  context: Context,
  productId: string,
  fields: PriceFields,
  more: Partial<Price> = {},
): Price {
  return keepPrice(context, newPrice(context, productId, fields, more));
}

/** Stores a price, if it is not stored yet. Emits `price.created`. */
export function keepPrice(context: Context, price: Price): Price {
  if (context.store.price.get(price.id) !== undefined) return price;
  context.store.price.add(price);
  context.emit('price.created', price);
  return price;
}

/** A price that nobody knows yet: a preview goes by it and leaves no trace. */
export function newPrice(context: Context, productId: string, fields: PriceFields, more: Partial<Price> = {}): Price {
  return {
    id: context.id('price_'),
    object: 'price',
    active: true,
    billing_scheme: 'per_unit',
    created: context.now(),
    currency: fields.currency,
    custom_unit_amount: null,
    livemode: context.livemode,
    lookup_key: null,
    metadata: mergeMetadata({}, fields.metadata),
    nickname: null,
    product: productId,
    recurring: recurringOf(fields.recurring),
    tax_behavior: fields.tax_behavior ?? 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: fields.recurring === undefined ? 'one_time' : 'recurring',
    ...unitAmount(fields),
    ...more,
  };
}

function recurringOf(sent: PriceFields['recurring']): Price['recurring'] {
  if (sent === undefined) return null;
  return {
    interval: sent.interval,
    interval_count: sent.interval_count ?? 1,
    meter: null,
    trial_period_days: null,
    usage_type: 'licensed',
  };
}

/** Reads `unit_amount` or `unit_amount_decimal`: one of them, and not both. */
export function unitAmount(
  fields: PriceFields,
  name = 'unit_amount',
): Pick<Price, 'unit_amount' | 'unit_amount_decimal'> {
  const { unit_amount: whole, unit_amount_decimal: written } = fields;
  if (whole !== undefined && written !== undefined) {
    throw invalidParam(
      `You may only specify one of these parameters: ${name}, ${name}_decimal.`,
      name,
      'parameters_exclusive',
    );
  }
  if (whole !== undefined) return { unit_amount: whole, unit_amount_decimal: String(whole) };
  if (written === undefined) {
    throw invalidParam(`You must specify either \`${name}\` or \`${name}_decimal\`.`, name, 'parameter_missing');
  }
  if (!/^\d+(\.\d{1,12})?$/.test(written)) throw invalidParam(`Invalid decimal: ${written}`, `${name}_decimal`);
  const number = Number(written);
  return { unit_amount: Number.isInteger(number) ? number : null, unit_amount_decimal: written };
}
