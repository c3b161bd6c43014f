import { NoSuchSubscription } from '../../billing/subscriptions/no-such-subscription.ts';
import type { IdRule } from './endpoint.ts';

/** A subscription, in the address: `/subscriptions/:id`. */
export const subscriptionId: IdRule = {
  pattern: /^sub_(?!sched_)\w{1,200}$/,
  example: 'sub_1Qexample',
  missing: (told) => new NoSuchSubscription(told),
};
