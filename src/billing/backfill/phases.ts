import type { Deps } from '../deps/deps.ts';
import { openAdjustments, openCheckouts, openPayments, openPurchases, openSubscriptions } from './open-records.ts';
import type { Page } from './page.ts';
import { pastDisputes, pastEvents, pastPayments, pastRefunds } from './past-objects.ts';
import { liveSubscriptions, pastSubscriptions, subscriptionsOnClocks } from './past-subscriptions.ts';

/**
 * What a backfill looks at, in this order. First what Stripe lists since a day: what was made since then, and what happened
 * since then to what is older. Then what our own tables hold as open, whatever its age: the news of it may have been lost
 * longer ago than Stripe keeps events. Subscriptions that go on are looked at however old they are: they give access today.
 */
export const PHASES = [
  'payments',
  'refunds',
  'disputes',
  'subscriptions',
  'live_subscriptions',
  'test_subscriptions',
  'events',
  'open_payments',
  'open_adjustments',
  'open_checkouts',
  'open_purchases',
  'open_subscriptions',
] as const;
export type Phase = (typeof PHASES)[number];

/** @param since seconds since 1970, included; @param cursor the `next` of the page before */
export async function pageOf(phase: Phase, since: number, cursor: string | null, deps: Deps): Promise<Page> {
  const { stripe, db } = deps;
  switch (phase) {
    case 'payments':
      return pastPayments(stripe, since, cursor);
    case 'refunds':
      return pastRefunds(stripe, since, cursor);
    case 'disputes':
      return pastDisputes(stripe, since, cursor);
    case 'subscriptions':
      return pastSubscriptions(stripe, since, cursor);
    case 'live_subscriptions':
      return liveSubscriptions(stripe, since, cursor);
    case 'test_subscriptions':
      return subscriptionsOnClocks(deps, cursor);
    case 'events':
      return pastEvents(deps, since, cursor);
    case 'open_payments':
      return openPayments(db, cursor);
    case 'open_adjustments':
      return openAdjustments(db, cursor);
    case 'open_checkouts':
      return openCheckouts(db, cursor);
    case 'open_purchases':
      return openPurchases(deps, cursor);
    case 'open_subscriptions':
      return openSubscriptions(db, cursor);
  }
}

export function phaseAfter(phase: Phase): Phase | 'done' {
  return PHASES[PHASES.indexOf(phase) + 1] ?? 'done';
}
