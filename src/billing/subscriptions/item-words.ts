import { formatMoney } from '../../platform/money.ts';
import type { AccessPolicy } from '../policy/access.ts';
import { planOf } from './plan-of.ts';
import type { Item, Price } from './subscription.ts';

/** What a subscription is over, as people read it; pure. */

/** What the policy calls it, else what Stripe does. */
export function planInWords(price: Price, policy: AccessPolicy): string {
  return planOf(price, policy)?.name ?? `${price.lookupKey ?? price.id} (no plan of the policy)`;
}

/** Of all its items, each once: `Pro, Seats`. */
export function plansInWords(items: readonly Pick<Item, 'price'>[], policy: AccessPolicy): string {
  return [...new Set(items.map(({ price }) => planInWords(price, policy)))].join(', ') || 'no items';
}

/** `EUR 30.00 a month`, `EUR 90.00 every 3 months` */
export function priceInWords({ unitAmount, currency, interval, intervalCount, usageType }: Price): string {
  const amount = unitAmount === null ? 'by its tiers' : formatMoney({ amount: unitAmount, currency });
  const each = usageType === 'metered' && unitAmount !== null ? `${amount} for each unit` : amount;
  if (interval === null) return `${each} once`;
  return intervalCount === null || intervalCount === 1
    ? `${each} a ${interval}`
    : `${each} every ${intervalCount} ${interval}s`;
}
