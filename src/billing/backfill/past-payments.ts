import type Stripe from 'stripe';
import type { Phase } from './backfill-runs.ts';

/** Pages of what happened since a day, newest first, as payment intents to bring into agreement. */
export interface Page {
  /** One entry per listed object; null where it has no payment to look at, or the payment has not succeeded. */
  readonly payments: readonly (string | null)[];
  /** The last object of the page, to go on after; null when there is no more. */
  readonly next: string | null;
  /** Creation time of the last object of the page, seconds since 1970. */
  readonly reached: number;
}

const PAGE = 100;

/** @param since seconds since 1970, included */
export async function pageOf(
  stripe: Stripe,
  phase: Exclude<Phase, 'done'>,
  since: number,
  cursor: string | null,
): Promise<Page> {
  const params = { created: { gte: since }, limit: PAGE, ...(cursor ? { starting_after: cursor } : {}) };
  switch (phase) {
    case 'payments': {
      const list = await stripe.paymentIntents.list(params);
      return page(list, ({ id, status }) => (status === 'succeeded' ? id : null));
    }
    case 'refunds':
      return page(await stripe.refunds.list(params), ({ payment_intent }) => idOf(payment_intent));
    case 'disputes':
      return page(await stripe.disputes.list(params), ({ payment_intent }) => idOf(payment_intent));
  }
}

function page<T extends { id: string; created: number }>(
  list: Stripe.ApiList<T>,
  paymentOf: (object: T) => string | null,
): Page {
  const last = list.data.at(-1);
  return {
    payments: list.data.map(paymentOf),
    next: list.has_more && last ? last.id : null,
    reached: last?.created ?? 0,
  };
}

function idOf(object: string | { id: string } | null): string | null {
  return typeof object === 'string' ? object : (object?.id ?? null);
}
