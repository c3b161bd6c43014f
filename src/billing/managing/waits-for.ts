import type { Subscription } from '../subscriptions/subscription.ts';

/** An invoice that waits to be paid. */
export interface OpenInvoice {
  /** in_… */
  readonly id: string;
  /** Stripe's page on which it can be paid. */
  readonly url: string | null;
}

/**
 * Whose payment lets a subscription go on, pure. Of a paused one that is its latest invoice, which resuming has made; of an
 * unpaid one the oldest, for Stripe makes drafts after it.
 */
export function waitsFor<Open extends OpenInvoice>(
  { status, latestInvoice }: Pick<Subscription, 'status' | 'latestInvoice'>,
  oldestFirst: readonly Open[],
): Open | undefined {
  switch (status) {
    case 'paused':
      return oldestFirst.find(({ id }) => id === latestInvoice);
    case 'unpaid':
      return oldestFirst[0];
    case 'incomplete':
    case 'incomplete_expired':
    case 'trialing':
    case 'active':
    case 'past_due':
    case 'canceled':
      return undefined;
  }
}
