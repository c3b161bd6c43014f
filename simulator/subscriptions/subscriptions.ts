import type { Context } from '../core/context.ts';
import { noSuch } from '../core/errors.ts';
import { paginate } from '../core/lists.ts';
import { oneOf, string, unsimulated } from '../core/params.ts';
import { type Resource, refusedRoute, route } from '../core/routes.ts';
import { createdParam, inRange, listParams, range } from '../core/shared-params.ts';
import { cancelNow } from './cancel-now.ts';
import { subscriptionControl } from './control-routes.ts';
import { createSubscription } from './create.ts';
import { cancelShape, createShape, pauseShape, resumeShape, updateShape } from './params.ts';
import { pauseOnRequest } from './pause.ts';
import { createPreview } from './preview.ts';
import { previewShape } from './preview-params.ts';
import { subscriptionReactions } from './reactions.ts';
import { resume } from './resume.ts';
import { hasEnded, needSubscription, type Subscription } from './subscription.ts';
import { updateSubscription } from './update.ts';

/** Those that have not ended, unless the request says otherwise. */
function hasStatus(subscription: Subscription, asked: string | undefined): boolean {
  switch (asked) {
    case undefined:
      return subscription.status !== 'canceled' && subscription.status !== 'incomplete_expired';
    case 'all':
      return true;
    case 'ended':
      return hasEnded(subscription);
    default:
      return subscription.status === asked;
  }
}

/** What has ended cannot be ended again: Stripe does not find it any more. */
function needLive(context: Context, id: string): [Context, Subscription] {
  const [time, subscription] = needSubscription(context, id);
  if (hasEnded(subscription)) throw noSuch('subscription', id);
  return [time, subscription];
}

/** https://docs.stripe.com/api/subscriptions */
export const subscriptions: Resource = {
  expansions: {
    subscription: {
      customer: 'id',
      default_payment_method: 'id',
      discounts: 'id',
      latest_invoice: 'id',
      pending_setup_intent: 'id',
      schedule: 'id',
      test_clock: 'id',
    },
    subscription_item: { discounts: 'id', 'price.product': 'id' },
  },
  reactions: subscriptionReactions,
  controls: subscriptionControl,
  routes: [
    route('POST', '/v1/subscriptions', createShape, createSubscription),
    route('GET', '/v1/subscriptions/{id}', {}, (context, _params, { id }) => context.store.subscription.need(id)),
    route('POST', '/v1/subscriptions/{id}', updateShape, (context, params, { id }) =>
      updateSubscription(...needSubscription(context, id), params),
    ),
    route('DELETE', '/v1/subscriptions/{id}', cancelShape, (context, params, { id }) =>
      cancelNow(...needLive(context, id), params),
    ),
    route('POST', '/v1/subscriptions/{id}/resume', resumeShape, (context, params, { id }) =>
      resume(...needSubscription(context, id), params),
    ),
    route('POST', '/v1/subscriptions/{id}/pause', pauseShape, (context, params, { id }) =>
      pauseOnRequest(...needSubscription(context, id), params),
    ),
    route(
      'GET',
      '/v1/subscriptions',
      {
        ...listParams,
        ...createdParam,
        automatic_tax: unsimulated(),
        collection_method: oneOf('charge_automatically', 'send_invoice'),
        current_period_end: range(),
        current_period_start: range(),
        customer: string(),
        customer_account: unsimulated(),
        plan: string(),
        price: string(),
        status: oneOf(
          'active',
          'all',
          'canceled',
          'ended',
          'incomplete',
          'incomplete_expired',
          'past_due',
          'paused',
          'trialing',
          'unpaid',
        ),
        test_clock: string(),
      },
      (context, params) => {
        const { created, customer, status, test_clock: clock, collection_method: method } = params;
        const { current_period_start: starts, current_period_end: ends } = params;
        const price = params.price ?? params.plan;
        const found = context.store.subscription.newestFirst(
          (one) =>
            hasStatus(one, status) &&
            (customer === undefined || one.customer === customer) &&
            (method === undefined || one.collection_method === method) &&
            (clock === undefined ? customer !== undefined || one.test_clock === null : one.test_clock === clock) &&
            (created === undefined || inRange(one.created, created)) &&
            (price === undefined || one.items.data.some((item) => item.price.id === price)) &&
            (starts === undefined || one.items.data.some((item) => inRange(item.current_period_start, starts))) &&
            (ends === undefined || one.items.data.some((item) => inRange(item.current_period_end, ends))),
        );
        return paginate(found, params, '/v1/subscriptions');
      },
    ),
    route('POST', '/v1/invoices/create_preview', previewShape, createPreview),
    refusedRoute('GET', '/v1/subscriptions/search'),
    refusedRoute('POST', '/v1/subscriptions/{id}/migrate'),
    refusedRoute('DELETE', '/v1/subscriptions/{id}/discount'),
  ],
};
