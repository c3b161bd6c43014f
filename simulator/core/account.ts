import { Collection } from './collection.ts';
import { IdempotencyKeys } from './idempotency.ts';
import type { ObjectName, ObjectTypes } from './objects.ts';
import type { Stored } from './wire.ts';

type Store = { readonly [Name in ObjectName]: Collection<ObjectTypes[Name]> };

function emptyStore(): Store {
  return {
    balance_transaction: new Collection('balance_transaction'),
    charge: new Collection('charge'),
    'checkout.session': new Collection('checkout.session'),
    coupon: new Collection('coupon'),
    credit_note: new Collection('credit_note'),
    credit_note_line_item: new Collection('credit_note_line_item'),
    customer: new Collection('customer'),
    customer_balance_transaction: new Collection('customer_balance_transaction'),
    discount: new Collection('discount'),
    dispute: new Collection('dispute'),
    event: new Collection('event'),
    invoice: new Collection('invoice', 'invoice'),
    invoice_payment: new Collection('invoice_payment'),
    invoiceitem: new Collection('invoiceitem'),
    item: new Collection('item'),
    line_item: new Collection('line_item'),
    payment_intent: new Collection('payment_intent', 'intent'),
    payment_method: new Collection('PaymentMethod', 'payment_method'),
    price: new Collection('price'),
    product: new Collection('product'),
    refund: new Collection('refund'),
    shipping_rate: new Collection('shipping_rate'),
    subscription: new Collection('subscription'),
    tax_id: new Collection('tax_id'),
    tax_rate: new Collection('tax_rate'),
    webhook_endpoint: new Collection('webhook_endpoint'),
  };
}

/** One Stripe account in one mode: what a secret key opens. */
export class Account {
  readonly id: string;
  readonly key: string;
  readonly livemode: boolean;
  store: Store = emptyStore();
  readonly idempotencyKeys = new IdempotencyKeys();
  /** Secrets that sign an endpoint's deliveries; two during a rotation. Not part of the endpoint's JSON. */
  readonly signingSecrets = new Map<string, string[]>();

  constructor(id: string, key: string, livemode: boolean) {
    this.id = id;
    this.key = key;
    this.livemode = livemode;
  }

  /** The live object of any kind with this id. */
  find(id: string): Stored | undefined {
    for (const collection of Object.values(this.store)) {
      const found = collection.get(id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Forgets everything but the webhook endpoints, which belong to the set-up. */
  reset(): void {
    const endpoints = this.store.webhook_endpoint;
    this.store = { ...emptyStore(), webhook_endpoint: endpoints };
    this.idempotencyKeys.clear();
  }
}
