import { checkInterval } from '../catalog/interval.ts';
import { createPrice } from '../catalog/price.ts';
import { createProduct } from '../catalog/products.ts';
import type { Context } from '../core/context.ts';
import { invalidParam, missingParam, refused } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { Params } from '../core/params.ts';
import { mergeMetadata } from '../core/shared-params.ts';
import { lineAmounts } from './amounts.ts';
import type { PlannedLine } from './plan.ts';
import type { lineItemParams } from './session-params.ts';

/** What a session is for. */
export type Mode = 'payment' | 'subscription';

type Price = ObjectTypes['price'];
type Sent = Params<typeof lineItemParams>;

/** Prices, quantities and taxes of the lines that were sent; inline prices are made on the way. */
export function planLines(
  context: Context,
  sent: readonly Sent[],
  coupon: ObjectTypes['coupon'] | undefined,
  mode: Mode,
  trial: boolean,
): PlannedLine[] {
  for (const [index, line] of sent.entries()) check(context, line, `line_items[${index}]`);
  const rated = sent.map((line, index) => {
    const name = `line_items[${index}]`;
    const price = priceOf(context, line, name, mode);
    const rates = (line.tax_rates ?? []).map((id) => context.store.tax_rate.need(id, `${name}[tax_rates]`));
    const quantity = line.quantity ?? 1;
    // A trial is free of what comes round; what is sold once is not.
    const free = trial && price.recurring !== null;
    const subtotal = free ? 0 : Math.round(Number(price.unit_amount_decimal ?? 0) * quantity);
    return { price, rates, quantity, subtotal, metadata: mergeMetadata({}, line.metadata) };
  });
  if (mode === 'subscription' && rated.every(({ price }) => price.recurring === null)) {
    throw refused('You must provide at least one recurring price in `subscription` mode when using prices.', {
      param: 'line_items',
    });
  }
  checkOneCurrency(rated.map(({ price }) => price));
  const amounts = lineAmounts(rated, coupon);
  return rated.flatMap(({ price, quantity, metadata }, index) => {
    const amount = amounts[index];
    if (amount === undefined) return [];
    const item: ObjectTypes['item'] = {
      id: context.id('li_'),
      object: 'item',
      adjustable_quantity: null,
      amount_discount: amount.discount,
      amount_subtotal: amount.subtotal,
      amount_tax: amount.tax,
      amount_total: amount.total,
      currency: price.currency,
      description: context.store.product.get(price.product)?.name ?? null,
      metadata,
      price,
      quantity,
    };
    return [{ item: context.store.item.add(item), amounts: amount }];
  });
}

/** All that can be wrong is found before the first product is made. */
function check(context: Context, line: Sent, name: string): void {
  const { price, price_data: data, quantity, tax_rates: rates } = line;
  if ((price === undefined) === (data === undefined)) {
    throw invalidParam(`You must specify either \`price\` or \`price_data\` when creating Checkout line items.`, name);
  }
  if (quantity === undefined) {
    throw invalidParam(
      `Quantity is required. Add \`quantity\` to \`${name}\``,
      `${name}[quantity]`,
      'parameter_missing',
    );
  }
  for (const id of rates ?? []) context.store.tax_rate.need(id, `${name}[tax_rates]`);
  if (price !== undefined && !context.store.price.need(price, `${name}[price]`).active) {
    throw refused('The price specified is inactive. This field only accepts active prices.', {
      param: `${name}[price]`,
    });
  }
  if (data === undefined) return;
  if ((data.product === undefined) === (data.product_data === undefined)) {
    throw invalidParam(
      'You must specify either `product` or `product_data` when creating a price.',
      `${name}[price_data]`,
    );
  }
  if (data.product !== undefined) context.store.product.need(data.product, `${name}[price_data][product]`);
  if (data.unit_amount === undefined && data.unit_amount_decimal === undefined) {
    throw missingParam(`${name}[price_data][unit_amount]`);
  }
}

function priceOf(context: Context, line: Sent, name: string, mode: Mode): Price {
  const price =
    line.price === undefined ? inlinePrice(context, line, name, mode) : context.store.price.need(line.price);
  checkRecurring(price.recurring !== null, mode);
  return price;
}

function checkRecurring(recurring: boolean, mode: Mode): void {
  if (!recurring || mode === 'subscription') return;
  throw refused(
    'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
  );
}

/** Products and prices that were described in passing are not active: they cannot be used again. */
function inlinePrice(context: Context, { price_data: data }: Sent, name: string, mode: Mode): Price {
  if (data === undefined) throw missingParam(`${name}[price_data]`);
  const { product_data: described } = data;
  checkRecurring(data.recurring !== undefined, mode);
  checkInterval(data.recurring, `${name}[price_data][recurring]`);
  const productId =
    described === undefined
      ? (data.product ?? '')
      : createProduct(
          context,
          {
            name: described.name,
            description: described.description ?? null,
            images: described.images ?? [],
            metadata: mergeMetadata({}, described.metadata),
            tax_code: described.tax_code ?? null,
            unit_label: described.unit_label ?? null,
          },
          undefined,
          (product) => {
            product.active = false;
          },
        ).id;
  return createPrice(context, productId, data, { active: false });
}

function checkOneCurrency(prices: readonly Price[]): void {
  const currencies = new Set(prices.map(({ currency }) => currency));
  if (currencies.size > 1) {
    throw refused('Checkout Session does not support multiple currencies across line items.', { param: 'line_items' });
  }
}
