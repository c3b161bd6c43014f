import { addUpInvoiceSums } from '../billing/own-invoices/invoice-sums.ts';
import type { Db } from '../platform/db.ts';
import { addUpOutcomes } from '../stripe/inbox/event-outcomes.ts';

/** Keeps the tables of counts short: figures are read from few rows, however much was counted. Any number may run. */
export async function addUpOnce(db: Db): Promise<void> {
  await addUpOutcomes(db);
  await addUpInvoiceSums(db);
}
