import type { Context } from '../core/context.ts';
import { token } from '../core/ids.ts';
import type { ObjectTypes } from '../core/objects.ts';

type Customer = ObjectTypes['customer'];

/** A customer without any particulars, not stored yet. */
export function newCustomer(context: Context): Customer {
  return {
    id: context.id('cus_'),
    object: 'customer',
    address: null,
    balance: 0,
    created: context.now(),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: token(8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: context.livemode,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
}

/** Stores a new customer with these particulars: what Checkout does for a guest who must become one. */
export function createCustomer(context: Context, particulars: Partial<Customer>): Customer {
  const customer = context.store.customer.add({ ...newCustomer(context), ...particulars });
  context.emit('customer.created', customer);
  return customer;
}
