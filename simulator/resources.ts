import { adjustments } from './adjustments/adjustments.ts';
import { coupons } from './catalog/coupons.ts';
import { prices } from './catalog/prices.ts';
import { products } from './catalog/products.ts';
import { taxRates } from './catalog/tax-rates.ts';
import { paymentPages } from './checkout/payment-pages.ts';
import { checkoutSessions } from './checkout/sessions.ts';
import type { Resource } from './core/routes.ts';
import { customerBalance } from './customers/balance.ts';
import { customers } from './customers/customers.ts';
import { taxIds } from './customers/tax-ids.ts';
import { events } from './events/events.ts';
import { webhookEndpoints } from './events/webhook-endpoints.ts';
import { invoicing } from './invoicing/invoicing.ts';
import { balanceTransactions } from './payments/balance-transactions.ts';
import { charges } from './payments/charges.ts';
import { paymentIntents } from './payments/payment-intents.ts';
import { paymentMethods } from './payments/payment-methods.ts';
import { setupIntents } from './payments/setup-intents.ts';
import { portalSessions } from './portal/sessions.ts';
import { subscriptionSchedules } from './schedules/schedules.ts';
import { subscriptionItems } from './subscriptions/subscription-items.ts';
import { subscriptions } from './subscriptions/subscriptions.ts';

import { testClocks } from './test-clocks/test-clocks.ts';

/** Everything that the simulated Stripe serves under `/v1`, one line per kind of object. */
export const resources: readonly Resource[] = [
  customers,
  taxIds,
  customerBalance,
  products,
  prices,
  taxRates,
  coupons,
  paymentMethods,
  paymentIntents,
  setupIntents,
  charges,
  balanceTransactions,
  ...invoicing,
  ...adjustments,
  subscriptions,
  subscriptionItems,
  subscriptionSchedules,
  portalSessions,
  testClocks,
  checkoutSessions,
  paymentPages,
  events,
  webhookEndpoints,
];
