import { SUBSCRIPTION_ID } from '../billing/subscriptions/subscription-list.ts';

/** @throws Error for what can be none */
export function subscriptionId(id: string): string {
  if (!SUBSCRIPTION_ID.test(id)) throw new Error(`${id} is no subscription (sub_…).`);
  return id;
}
