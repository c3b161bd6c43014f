import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';

/** The table `customers`: which customer at Stripe is who in the application. Of our own account. */
export async function referenceOfCustomer(db: Db | Knex.Transaction, customer: string): Promise<string | undefined> {
  const row = await firstRow<{ reference: string }>(
    db,
    `SELECT reference FROM customers WHERE account = '' AND stripe_customer = ?`,
    [customer],
  );
  return row?.reference;
}

/** All of somebody of the application, the first one first. */
export async function customersOfReference(db: Db, reference: string): Promise<string[]> {
  const found = await rows<{ stripe_customer: string }>(
    db,
    `SELECT stripe_customer FROM customers WHERE account = '' AND reference = ? ORDER BY mapped_at, stripe_customer`,
    [reference],
  );
  return found.map(({ stripe_customer }) => stripe_customer);
}

/**
 * The first word counts: somebody who pays for another later is not another for that.
 * @returns whether that was not known before
 */
export async function mapCustomer(
  trx: Knex.Transaction,
  { customer, reference, by }: { readonly customer: string; readonly reference: string; readonly by: string },
): Promise<boolean> {
  const mapped = await rows(
    trx,
    `INSERT INTO customers (stripe_customer, reference, mapped_by) VALUES (:customer, :reference, :by)
     ON CONFLICT ON CONSTRAINT customers_once DO NOTHING RETURNING reference`,
    { customer, reference, by },
  );
  return mapped.length > 0;
}
