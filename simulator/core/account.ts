import { Clock } from './clock.ts';
import { Collection } from './collection.ts';
import { Faults } from './faults.ts';
import { IdempotencyKeys } from './idempotency.ts';
import type { Ids } from './ids.ts';
import { RequestLimits } from './limits.ts';
import type { ObjectName, ObjectTypes } from './objects.ts';
import { RequestLog } from './request-log.ts';
import type { Settings } from './settings.ts';
import { Webhooks } from './webhooks.ts';
import type { Stored } from './wire.ts';

type Store = { readonly [Name in ObjectName]: Collection<ObjectTypes[Name]> };

function emptyStore(): Store {
  return {
    balance_transaction: new Collection('balance_transaction'),
    'billing_portal.session': new Collection('billing_portal.session'),
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
    setup_intent: new Collection('setup_intent', 'intent'),
    shipping_rate: new Collection('shipping_rate'),
    subscription: new Collection('subscription'),
    subscription_item: new Collection('subscription_item'),
    subscription_schedule: new Collection('subscription_schedule'),
    tax_id: new Collection('tax_id'),
    tax_rate: new Collection('tax_rate'),
    'test_helpers.test_clock': new Collection('testclock'),
    webhook_endpoint: new Collection('webhook_endpoint'),
  };
}

export interface AccountOptions {
  key: string;
  livemode: boolean;
  settings: Settings;
  ids: Ids;
}

/**
 * One Stripe account in one mode: what a secret key opens. It shares nothing with the others but the process: it has its
 * own time, faults, log and deliveries, so that many tests can use one simulator side by side.
 */
export class Account {
  readonly id: string;
  readonly key: string;
  readonly livemode: boolean;
  readonly settings: Settings;
  store: Store = emptyStore();
  readonly clock = new Clock();
  readonly idempotencyKeys = new IdempotencyKeys();
  readonly faults = new Faults();
  readonly limits = new RequestLimits();
  readonly log: RequestLog;
  readonly webhooks: Webhooks;

  constructor({ key, livemode, settings, ids }: AccountOptions) {
    this.id = ids.make('acct_');
    this.key = key;
    this.livemode = livemode;
    this.settings = { ...settings };
    this.log = new RequestLog(settings.maxLog);
    this.webhooks = new Webhooks(ids, this.clock, this.settings);
  }

  /** The live object of any kind with this id. */
  find(id: string): Stored | undefined {
    for (const collection of Object.values(this.store)) {
      const found = collection.get(id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Back to an empty account: objects, keys, faults, log and time go; the webhook endpoints stay, as the set-up. */
  reset(): void {
    this.clock.reset();
    this.faults.clear();
    this.limits.clear();
    this.log.clear();
    this.webhooks.reset();
    const endpoints = this.store.webhook_endpoint;
    this.store = { ...emptyStore(), webhook_endpoint: endpoints };
    this.idempotencyKeys.clear();
  }

  close(): void {
    this.clock.stop();
    this.webhooks.close();
  }
}
