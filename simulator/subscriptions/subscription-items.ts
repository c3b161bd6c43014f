import type { Context } from '../core/context.ts';
import { paginate } from '../core/lists.ts';
import { bool, type Params, required, string, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { listParams, metadata, timestamp } from '../core/shared-params.ts';
import type { SentItems } from './items-param.ts';
import { newItemShape, paymentBehavior, prorationBehavior } from './params.ts';
import { needSubscription, type SubscriptionItem } from './subscription.ts';
import { updateSubscription } from './update.ts';

const shared = {
  payment_behavior: paymentBehavior,
  proration_behavior: prorationBehavior,
  proration_date: timestamp(),
} as const;

const createShape = { ...newItemShape, ...shared, subscription: required(string()) } as const;
const changeShape = { ...newItemShape, ...shared, metadata: metadata(), off_session: bool() } as const;
const removeShape = { ...shared, clear_usage: unsimulated() } as const;

/** An item is changed as its subscription is, and by the same rules. */
function change(
  account: Context,
  subscriptionId: string,
  item: SentItems[number],
  terms: Partial<Params<typeof shared>>,
): SubscriptionItem[] {
  const [context, subscription] = needSubscription(account, subscriptionId, 'subscription');
  updateSubscription(context, subscription, {
    items: [item],
    payment_behavior: terms.payment_behavior,
    proration_behavior: terms.proration_behavior,
    proration_date: terms.proration_date,
  });
  return subscription.items.data;
}

/** https://docs.stripe.com/api/subscription_items */
export const subscriptionItems: Resource = {
  expansions: {},
  routes: [
    route('POST', '/v1/subscription_items', createShape, (context, params) => {
      const { subscription, price, price_data, quantity, metadata: data, tax_rates } = params;
      const items = change(context, subscription, { price, price_data, quantity, metadata: data, tax_rates }, params);
      return items.at(-1) ?? {};
    }),
    route('GET', '/v1/subscription_items/{id}', {}, (context, _params, { id }) =>
      context.store.subscription_item.need(id),
    ),
    route('POST', '/v1/subscription_items/{id}', changeShape, (context, params, { id }) => {
      const item = context.store.subscription_item.need(id);
      const { price, price_data, quantity, metadata: data, tax_rates } = params;
      change(context, item.subscription, { id, price, price_data, quantity, metadata: data, tax_rates }, params);
      return item;
    }),
    route('DELETE', '/v1/subscription_items/{id}', removeShape, (context, params, { id }) => {
      const item = context.store.subscription_item.need(id);
      change(context, item.subscription, { id, deleted: true }, params);
      return { id, object: 'subscription_item', deleted: true };
    }),
    route('GET', '/v1/subscription_items', { ...listParams, subscription: required(string()) }, (context, params) => {
      const { items } = context.store.subscription.need(params.subscription, 'subscription');
      return paginate(items.data, params, '/v1/subscription_items');
    }),
  ],
};
