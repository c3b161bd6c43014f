import { access } from './access.ts';
import { checkouts } from './checkouts.ts';
import { customers } from './customers.ts';
import type { Endpoint } from './endpoint.ts';
import { invoices } from './invoices.ts';
import { subscriptionChanges } from './subscription-changes.ts';
import { subscriptionDeeds } from './subscription-deeds.ts';
import { subscriptions } from './subscriptions.ts';

/** THE LIST of what /v1 can be asked. Routes and docs/openapi.json come from it, and nothing else names an endpoint. */
export const endpoints: readonly Endpoint[] = [
  ...access,
  ...customers,
  ...checkouts,
  ...subscriptions,
  ...subscriptionDeeds,
  ...subscriptionChanges,
  ...invoices,
];
