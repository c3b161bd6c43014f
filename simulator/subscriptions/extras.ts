import { unitAmount } from '../catalog/price.ts';
import type { Context } from '../core/context.ts';
import { invalidParam } from '../core/errors.ts';
import type { Params } from '../core/params.ts';
import { planItem } from '../invoicing/item.ts';
import type { invoiceItemShape } from './params.ts';
import type { Subscription } from './subscription.ts';

type SentExtra = Params<typeof invoiceItemShape>;

/** What is sold once, with the next invoice of the subscription. The returned function makes the items wait for it. */
export function planExtras(
  context: Context,
  sent: readonly SentExtra[],
  customer: string,
  currency: string,
): (subscription: Subscription) => void {
  const plans = sent.map((extra, index) => {
    const param = `add_invoice_items[${index}]`;
    const { price, price_data: data, quantity = 1, period: _, ...rest } = extra;
    if ((price === undefined) === (data === undefined)) {
      throw invalidParam('You must specify either `price` or `price_data`.', `${param}[price]`);
    }
    if (data !== undefined) unitAmount(data, `${param}[price_data][unit_amount]`);
    const priced = price === undefined ? { price_data: data } : { pricing: { price } };
    return planItem(context, { ...rest, ...priced, quantity }, { currency, customer, invoice: null }, param);
  });
  return ({ id }) => {
    for (const plan of plans)
      plan().parent = { subscription_details: { subscription: id }, type: 'subscription_details' };
  };
}
