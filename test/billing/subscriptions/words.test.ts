import { expect, test } from 'vitest';
import { planInWords, plansInWords, priceInWords } from '../../../src/billing/subscriptions/item-words.ts';
import { standingOf } from '../../../src/billing/subscriptions/standing.ts';
import { standingInWords } from '../../../src/billing/subscriptions/standing-words.ts';
import type { Price, Subscription } from '../../../src/billing/subscriptions/subscription.ts';
import { april, item, price, subscription } from '../../support/subscription-records.ts';
import { plansPolicy } from '../../support/subscriptions.ts';

/** Subscriptions, as people read them. */
test.each<[Partial<Subscription>, string]>([
  [{ status: 'incomplete' }, 'not begun: its first payment is not made'],
  [{ status: 'incomplete_expired' }, 'canceled'],
  [{ status: 'trialing' }, 'on trial'],
  [{ status: 'active' }, 'active'],
  [{ status: 'active', cancelAt: april }, 'active: its end is planned'],
  [{ status: 'active', pauseCollection: 'void' }, 'active: its invoices are not collected for now'],
  [{ status: 'past_due' }, 'past due'],
  [{ status: 'unpaid' }, 'past due: Stripe tries no more to collect'],
  [{ status: 'paused' }, 'canceled: it is paused, and can go on'],
  [{ status: 'canceled' }, 'canceled'],
])('%j stands %s', (says, words) => {
  expect(standingInWords(standingOf(subscription(says)))).toBe(words);
});

test.each<[Partial<Price>, string]>([
  [{}, 'EUR 30.00 a month'],
  [{ intervalCount: null }, 'EUR 30.00 a month'],
  [{ interval: 'year', unitAmount: 123_456 }, 'EUR 1,234.56 a year'],
  [{ intervalCount: 3 }, 'EUR 30.00 every 3 months'],
  [{ currency: 'jpy' }, 'JPY 3,000 a month'],
  [{ interval: null, intervalCount: null }, 'EUR 30.00 once'],
  [{ usageType: 'metered', unitAmount: 2 }, 'EUR 0.02 for each unit a month'],
  [{ usageType: 'metered', unitAmount: null }, 'by its tiers a month'],
])('a price %j is %s', (says, words) => {
  expect(priceInWords(price(says))).toBe(words);
});

test('a plan is called as in the policy, and one that it does not know by its lookup key, else its id', () => {
  expect(planInWords(price(), plansPolicy)).toBe('Pro');
  expect(planInWords(price({ lookupKey: 'secret' }), plansPolicy)).toBe('secret (no plan of the policy)');
  expect(planInWords(price({ lookupKey: null }), plansPolicy)).toBe('price_pro (no plan of the policy)');
});

test('plans of several items are named once each', () => {
  const yearly = item({ price: price({ lookupKey: 'pro_yearly' }) });
  const seats = item({ price: price({ lookupKey: 'seat_monthly' }) });
  expect(plansInWords([item(), yearly, seats], plansPolicy)).toBe('Pro, Seats');
  expect(plansInWords([], plansPolicy)).toBe('no items');
});
