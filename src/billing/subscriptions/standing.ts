import type { Subscription } from './subscription.ts';

/** How a subscription stands for the application, and why, pure: Stripe's eight statuses and three pauses in five words. */
export interface Standing {
  readonly status: 'none' | 'trialing' | 'active' | 'past_due' | 'canceled';
  readonly why: Why | null;
  /** When it ends by a planned cancellation. */
  readonly endsAt: Date | null;
  /** Whether the customer can have the same subscription back: by a payment method, or by `resume`. */
  readonly resumable: boolean;
}

export type Why = 'first_payment' | 'unpaid' | 'paused' | 'collection_paused' | 'ends';

type Told = Pick<Subscription, 'status' | 'pauseCollection' | 'cancelAtPeriodEnd' | 'cancelAt' | 'items'>;

export function standingOf(subscription: Told): Standing {
  const endsAt = plannedEnd(subscription);
  const stands = (status: Standing['status'], why: Why | null = null) => ({
    status,
    why,
    endsAt: null,
    resumable: false,
  });
  switch (subscription.status) {
    case 'incomplete':
      return stands('none', 'first_payment');
    case 'incomplete_expired':
    case 'canceled':
      return stands('canceled');
    case 'unpaid':
      return { ...stands('past_due', 'unpaid'), endsAt };
    case 'past_due':
      return { ...stands('past_due', endsAt ? 'ends' : null), endsAt };
    case 'paused':
      return { ...stands('canceled', 'paused'), resumable: true };
    case 'trialing':
      return { ...stands('trialing', endsAt ? 'ends' : null), endsAt };
    case 'active':
      return { ...stands('active', activeWhy(subscription, endsAt)), endsAt };
  }
}

function activeWhy({ pauseCollection }: Told, endsAt: Date | null): Why | null {
  if (pauseCollection !== null) return 'collection_paused';
  return endsAt ? 'ends' : null;
}

/**
 * A planned cancellation is one of two fields: the customer portal sets `cancel_at` of flexible subscriptions, and the flag of
 * classic ones.
 */
export function plannedEnd({ cancelAt, cancelAtPeriodEnd, items }: Told): Date | null {
  if (cancelAt) return cancelAt;
  return cancelAtPeriodEnd ? firstPeriodEnd(items) : null;
}

/** With several intervals that is what Stripe means: https://docs.stripe.com/changelog/basil/2025-07-30/cancel-at-enums */
function firstPeriodEnd(items: Told['items']): Date | null {
  const ends = items.map(({ periodEnd }) => periodEnd.getTime());
  return ends.length === 0 ? null : new Date(Math.min(...ends));
}
