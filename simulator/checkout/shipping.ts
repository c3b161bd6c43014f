import type { Context } from '../core/context.ts';
import { invalidParam, refused } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { Params } from '../core/params.ts';
import { mergeMetadata } from '../core/shared-params.ts';
import type { shippingOptionParams } from './session-params.ts';

type ShippingRate = ObjectTypes['shipping_rate'];

/** The rates that the buyer may choose from; the first one is chosen. */
export function planShipping(
  context: Context,
  sent: readonly Params<typeof shippingOptionParams>[],
  currency: string,
): ShippingRate[] {
  return sent.map(({ shipping_rate: id, shipping_rate_data: data }, index) => {
    const name = `shipping_options[${index}]`;
    if (id !== undefined) return context.store.shipping_rate.need(id, `${name}[shipping_rate]`);
    if (data?.fixed_amount === undefined) {
      throw invalidParam('You must specify `shipping_rate` or `shipping_rate_data[fixed_amount]`.', name);
    }
    if (data.fixed_amount.currency !== currency) {
      throw refused(
        `The Checkout Session's currency is ${currency}, but the shipping rate is in ${data.fixed_amount.currency}.`,
        { param: name },
      );
    }
    return context.store.shipping_rate.add({
      id: context.id('shr_'),
      object: 'shipping_rate',
      active: true,
      created: context.now(),
      delivery_estimate: null,
      display_name: data.display_name,
      fixed_amount: { amount: data.fixed_amount.amount, currency },
      livemode: context.livemode,
      metadata: mergeMetadata({}, data.metadata),
      tax_behavior: data.tax_behavior ?? 'unspecified',
      tax_code: null,
      type: 'fixed_amount',
    });
  });
}
