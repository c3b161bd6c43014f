import { type Db, rows } from '../../platform/db.ts';
import type { Subscription } from '../subscriptions/subscription.ts';

/** Invoices that wait to be paid. */
export interface OpenInvoice {
  /** in_… */
  readonly id: string;
  /** Stripe's page on which it can be paid. */
  readonly url: string | null;
}

export interface KeptOpenInvoice extends OpenInvoice {
  readonly subscription: string;
  /** Minor units of `currency`. */
  readonly amount: number;
  readonly currency: string;
}

/** By what is kept, the oldest first: by their subscriptions. */
export async function openInvoicesOf(
  db: Db,
  subscriptions: readonly string[],
): Promise<ReadonlyMap<string, readonly KeptOpenInvoice[]>> {
  const open = await rows<KeptOpenInvoice>(
    db,
    `SELECT id, subscription, hosted_invoice_url AS url, amount_remaining AS amount, currency FROM subscription_invoices
     WHERE subscription = ANY(?) AND status = 'open' ORDER BY created, id LIMIT 2000`,
    [[...subscriptions]],
  );
  return Map.groupBy(open, ({ subscription }) => subscription);
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
