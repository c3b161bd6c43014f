import { createPrice, unitAmount } from '../catalog/price.ts';
import { createProduct } from '../catalog/products.ts';
import type { Context } from '../core/context.ts';
import { invalidParam, refused } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { Params } from '../core/params.ts';
import { mergeMetadata } from '../core/shared-params.ts';
import type { itemShape, lineShape } from './item-params.ts';
import { within } from './param-path.ts';

type InvoiceItem = ObjectTypes['invoiceitem'];

type SentLine = Params<typeof lineShape>;
type SentInvoiceItem = Params<typeof itemShape>;

/** The fields of a line or an item that say what it costs. */
type SentPrice = Partial<
  Pick<SentLine, 'amount' | 'pricing' | 'quantity' | 'quantity_decimal'> & Pick<SentInvoiceItem, 'unit_amount_decimal'>
> & { price_data?: SentLine['price_data'] | SentInvoiceItem['price_data'] };

/** What a line costs, in minor units. `unitAmount` may have decimals. */
export interface Pricing {
  amount: number;
  quantity: number;
  unitAmount: number;
  /** The product's name, for lines without a description of their own. */
  name: string | null;
  price: { price: string; product: string } | null;
}

/** Whether anything was sent that changes the price. */
export const speaksOfPrice = (sent: SentPrice): boolean =>
  [sent.amount, sent.price_data, sent.pricing, sent.quantity, sent.quantity_decimal, sent.unit_amount_decimal].some(
    (value) => value !== undefined,
  );

/**
 * Checks what was sent and finds out what it costs; `before` is the item that an update changes. The returned function makes
 * the inline price, if there is one.
 */
export function planPricing(
  context: Context,
  sent: SentPrice,
  currency: string,
  param: string,
  before?: InvoiceItem,
): () => Pricing {
  const named = (...names: string[]): string => within(param, ...names);
  checkExclusive(sent, named);
  const quantity =
    sent.quantity ?? sent.quantity_decimal ?? (before === undefined ? 1 : Number(before.quantity_decimal));
  if (sent.amount !== undefined) {
    const { amount } = sent;
    return () => ({ amount, quantity: 1, unitAmount: amount, name: null, price: null });
  }
  const priced = (perUnit: number): Pick<Pricing, 'amount' | 'quantity' | 'unitAmount'> => ({
    amount: Math.round(perUnit * quantity),
    quantity,
    unitAmount: perUnit,
  });
  if (sent.pricing?.price !== undefined) {
    return planOfPrice(context, sent.pricing.price, currency, named('pricing', 'price'), priced);
  }
  if (sent.price_data !== undefined)
    return planOfPriceData(context, sent.price_data, currency, named('price_data'), priced);
  if (sent.unit_amount_decimal !== undefined) {
    const perUnit = sent.unit_amount_decimal;
    return () => ({ ...priced(perUnit), name: null, price: null });
  }
  if (before === undefined)
    throw invalidParam('You must specify one of: amount, pricing, price_data.', named('amount'));
  const perUnit = Number(before.pricing?.unit_amount_decimal ?? before.amount);
  return () => ({ ...priced(perUnit), name: null, price: before.pricing?.price_details ?? null });
}

function checkExclusive(sent: SentPrice, named: (...names: string[]) => string): void {
  const ways = (['amount', 'price_data', 'pricing', 'unit_amount_decimal'] as const).filter(
    (way) => sent[way] !== undefined,
  );
  const [, second] = ways;
  if (second !== undefined) {
    const message = `You may only specify one of these parameters: ${ways.join(', ')}.`;
    throw invalidParam(message, named(second), 'parameters_exclusive');
  }
  if (sent.amount !== undefined && (sent.quantity ?? sent.quantity_decimal) !== undefined) {
    const message = 'You may only specify one of these parameters: amount, quantity.';
    throw invalidParam(message, named('quantity'), 'parameters_exclusive');
  }
  if (sent.quantity !== undefined && sent.quantity_decimal !== undefined) {
    const message = 'You may only specify one of these parameters: quantity, quantity_decimal.';
    throw invalidParam(message, named('quantity_decimal'), 'parameters_exclusive');
  }
}

type InlinePrice = NonNullable<SentPrice['price_data']>;
type Priced = (unitAmount: number) => Pick<Pricing, 'amount' | 'quantity' | 'unitAmount'>;

function planOfPrice(context: Context, id: string, currency: string, param: string, priced: Priced): () => Pricing {
  const price = context.store.price.need(id, param);
  if (price.type === 'recurring') {
    throw refused(
      'The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.',
      {
        param,
      },
    );
  }
  if (price.currency !== currency) {
    throw refused(
      `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${currency}\`.`,
      { param },
    );
  }
  const name = context.store.product.get(price.product)?.name ?? null;
  const perUnit = Number(price.unit_amount_decimal ?? price.unit_amount ?? 0);
  return () => ({ ...priced(perUnit), name, price: { price: price.id, product: price.product } });
}

function planOfPriceData(
  context: Context,
  data: InlinePrice,
  currency: string,
  param: string,
  priced: Priced,
): () => Pricing {
  if (data.currency !== currency) {
    const message = `The price data is in ${data.currency}, the invoice in ${currency}.`;
    throw refused(message, { param: within(param, 'currency') });
  }
  const amounts = unitAmount(data, within(param, 'unit_amount'));
  const productData = 'product_data' in data ? data.product_data : undefined;
  if ((data.product === undefined) === (productData === undefined)) {
    throw refused('You must specify exactly one of `product` or `product_data`.', { param: within(param, 'product') });
  }
  if (data.product !== undefined) context.store.product.need(data.product, within(param, 'product'));
  return () => {
    const product =
      productData === undefined
        ? context.store.product.need(data.product ?? '')
        : createProduct(context, {
            name: productData.name,
            description: productData.description ?? null,
            images: productData.images ?? [],
            metadata: mergeMetadata({}, productData.metadata),
            unit_label: productData.unit_label ?? null,
          });
    const price = createPrice(context, product.id, data);
    // Inline prices are for this one use: https://docs.stripe.com/products-prices/how-products-and-prices-work#inline
    price.active = false;
    const cost = priced(Number(amounts.unit_amount_decimal));
    return { ...cost, name: product.name, price: { price: price.id, product: product.id } };
  };
}
