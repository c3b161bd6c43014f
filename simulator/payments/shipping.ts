import { clearable, object, optional, required, string, text } from '../core/params.ts';
import { address, type WireAddress } from '../core/shared-params.ts';

/** Where goods go, as Stripe answers it. */
export interface Shipping {
  address: WireAddress;
  carrier: string | null;
  name: string;
  phone: string | null;
  tracking_number: string | null;
}

const nowhere: WireAddress = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null };

const sent = object({
  address: required(address()),
  carrier: text(),
  name: required(string()),
  phone: text(),
  tracking_number: text(),
});

/** `shipping[address][…]`, `shipping[name]` and so on; an empty string unsets it. */
export const shippingParam = clearable(
  optional((value, name): Shipping => {
    const { address: where, carrier, name: who, phone, tracking_number: tracking } = sent.read(value, name);
    return {
      address: where ?? nowhere,
      carrier: carrier ?? null,
      name: who,
      phone: phone ?? null,
      tracking_number: tracking ?? null,
    };
  }, sent.nested),
);
