import { type Db, rows } from '../../platform/db.ts';
import type { OpenInvoice } from './waits-for.ts';

/** Invoices of subscriptions that wait to be paid, by what is kept. */
export interface KeptOpenInvoice extends OpenInvoice {
  readonly subscription: string;
  /** Minor units of `currency`. */
  readonly amount: number;
  readonly currency: string;
}

/** The oldest first, by their subscriptions. */
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
