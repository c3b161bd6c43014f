import { type Db, rows } from '../../platform/db.ts';

/**
 * The table `invoice_sums`: what own invoices come to, by currency and state. A trigger of the database writes a row for
 * each change of an issued invoice; here they are added up.
 */
export interface InvoiceSum {
  readonly currency: string;
  readonly state: 'unpaid' | 'overdue' | 'paid';
  readonly count: number;
  /** Minor units, without extras unless paid. Of many large ones it is no exact number any more. */
  readonly amount: bigint;
}

/** @param today the day of the business, e.g. `2026-12-31` */
export async function invoiceSums(db: Db, today: string): Promise<InvoiceSum[]> {
  const sums = await rows<Omit<InvoiceSum, 'amount'> & { readonly amount: string }>(
    db,
    `SELECT currency, CASE WHEN state = 'paid' THEN 'paid' WHEN due_date < :today::date THEN 'overdue' ELSE 'unpaid' END AS state,
            sum(invoices)::bigint AS count, sum(amount)::text AS amount
     FROM invoice_sums GROUP BY 1, 2 HAVING sum(invoices) > 0 ORDER BY 1, 2`,
    { today },
  );
  return sums.map((sum) => ({ ...sum, amount: BigInt(sum.amount) }));
}

/** Fewer rows than these, besides one for each sum, are read in no time. */
const WORTH_ADDING_UP = 100;

export async function addUpInvoiceSums(db: Db, atLeast = WORTH_ADDING_UP): Promise<void> {
  await rows(
    db,
    `WITH taken AS (
       DELETE FROM invoice_sums
       WHERE (SELECT count(*) - count(DISTINCT (currency, state, due_date)) FROM invoice_sums) >= :atLeast RETURNING *)
     INSERT INTO invoice_sums (currency, state, due_date, invoices, amount)
     SELECT currency, state, due_date, sum(invoices), sum(amount) FROM taken GROUP BY 1, 2, 3
     HAVING sum(invoices) <> 0 OR sum(amount) <> 0`,
    { atLeast },
  );
}
