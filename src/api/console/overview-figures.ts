import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { InvoiceSum, OverviewFigures } from '../../views/console/overview.tsx';

/** Reads what the overview shows. */
export async function overviewFigures(db: Db): Promise<OverviewFigures> {
  const [events, reviews, messages, sums] = await Promise.all([
    firstRow<{ unfinished: number; failing: number; lag: number }>(
      db,
      `SELECT count(*) AS unfinished, count(*) FILTER (WHERE last_error IS NOT NULL) AS failing,
              coalesce(extract(epoch FROM now() - min(received_at)), 0)::integer AS lag
       FROM stripe_events WHERE outcome IS NULL`,
    ),
    firstRow<{ open: number }>(db, `SELECT count(*) AS open FROM review_items WHERE state = 'open'`),
    firstRow<{ pending: number; dead: number }>(
      db,
      `SELECT count(*) FILTER (WHERE state = 'pending') AS pending, count(*) FILTER (WHERE state = 'dead') AS dead
       FROM messages WHERE state IN ('pending', 'dead')`,
    ),
    rows<InvoiceSum>(db, SUMS),
  ]);
  return {
    unfinished: events?.unfinished ?? 0,
    failing: events?.failing ?? 0,
    lagSeconds: events?.lag ?? 0,
    openReviews: reviews?.open ?? 0,
    messages: { pending: messages?.pending ?? 0, dead: messages?.dead ?? 0 },
    sums,
  };
}

/**
 * By currency. The tax of a line is rounded half away from zero, which is what `round` does with numeric: the same rule as
 * in billing/invoices/invoice-total.ts, and a test keeps the two together. Extras count when they were paid.
 */
const SUMS = `
  WITH due AS (
    SELECT i.id, i.currency, i.status, i.due_date, i.paid_amount,
           sum(CASE WHEN i.prices_include_tax THEN l.quantity * l.unit_amount
               ELSE l.quantity * l.unit_amount + round(l.quantity * l.unit_amount * l.tax_percent * 0.01) END
           ) FILTER (WHERE NOT l.optional) AS total
    FROM invoices i JOIN invoice_lines l ON l.invoice = i.id
    WHERE i.status IN ('issued', 'paid') GROUP BY i.id
  )
  SELECT currency, count(*),
         CASE WHEN status = 'paid' THEN 'paid' WHEN due_date < current_date THEN 'overdue' ELSE 'unpaid' END AS state,
         sum(coalesce(paid_amount, total, 0))::bigint AS amount
  FROM due GROUP BY 1, 3 ORDER BY 1, 3`;
