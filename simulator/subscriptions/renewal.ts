import { createPrice } from '../catalog/price.ts';
import { createProduct } from '../catalog/products.ts';
import type { Context } from '../core/context.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { attemptByItself } from '../invoicing/collect.ts';
import { finalize } from '../invoicing/finalize.ts';
import type { Invoice } from '../invoicing/lines.ts';
import { attach, takePaymentMethod } from '../payments/payment-method.ts';
import { periodAround } from './calendar.ts';
import { planEnd } from './cancel.ts';
import { beginPeriods } from './cycle.ts';
import { newItem } from './item.ts';
import { newSubscription } from './start.ts';
import { lastPeriodEnd, type Subscription } from './subscription.ts';

export interface Renewal {
  customer: ObjectTypes['customer'];
  /** Minor units a month. */
  amount: number;
  currency: string;
  /** The product's name. */
  description: string;
  metadata: Record<string, string>;
  /** Name of a test card, such as `pm_card_chargeCustomerFail`; else the customer's default one, else a Visa. */
  paymentMethod: string | undefined;
}

const MONTHLY = { interval: 'month', interval_count: 1 } as const;

/**
 * A subscription that is a month old enters its next period, for tests that want one invoice of Stripe's own and nothing around
 * it: there was none before, the hour as a draft is skipped, and after this period the subscription ends.
 */
export function renew(context: Context, renewal: Renewal): { subscription: Subscription; invoice: Invoice } {
  const subscription = olderSubscription(context, renewal);
  beginPeriods(context, subscription);
  const invoice = context.store.invoice.need(subscription.latest_invoice ?? '');
  finalize(context, invoice);
  if (invoice.status === 'open') attemptByItself(context, invoice);
  context.change(subscription, 'customer.subscription.updated', () =>
    planEnd(context, subscription, lastPeriodEnd(subscription), true),
  );
  return { subscription, invoice };
}

function olderSubscription(context: Context, renewal: Renewal): Subscription {
  const { customer, amount, currency, metadata } = renewal;
  customer.currency ??= currency;
  const product = createProduct(context, { name: renewal.description });
  const price = createPrice(context, product.id, { currency, unit_amount: amount, recurring: MONTHLY });
  const terms = { id: context.id('si_'), price, quantity: 1, metadata: {}, taxRates: [] };
  const nothing = { discounts: () => [], fields: () => {}, extras: () => {} };
  const begun = { ...nothing, customer, terms: [terms], trialEnd: null, mode: 'flexible' } as const;
  const subscription = context.store.subscription.add(newSubscription(context, begun));
  const month = periodAround(subscription.billing_cycle_anchor, MONTHLY, subscription.billing_cycle_anchor - 1);
  subscription.created = month.start;
  subscription.start_date = month.start;
  subscription.status = 'active';
  subscription.metadata = { ...metadata };
  subscription.default_payment_method = methodOf(context, renewal);
  subscription.items.data = [newItem(context, subscription, terms, month)];
  context.emit('customer.subscription.created', subscription);
  return subscription;
}

function methodOf(context: Context, { customer, paymentMethod }: Renewal): string {
  const settings = customer.invoice_settings;
  const name = paymentMethod ?? settings.default_payment_method ?? 'pm_card_visa';
  const method = attach(context, takePaymentMethod(context, name, 'payment_method'), customer.id);
  settings.default_payment_method ??= method.id;
  return method.id;
}
