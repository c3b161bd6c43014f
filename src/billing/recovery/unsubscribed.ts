import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';

/** The table `recovery_unsubscribed`: customers who get no letters about failed payments. */

export async function isUnsubscribed(db: Db | Knex.Transaction, customer: string): Promise<boolean> {
  return (await firstRow(db, 'SELECT FROM recovery_unsubscribed WHERE customer = ?', [customer])) !== undefined;
}

/** @returns false when he was before */
export async function unsubscribe(trx: Knex.Transaction, customer: string): Promise<boolean> {
  const written = await firstRow(
    trx,
    'INSERT INTO recovery_unsubscribed (customer) VALUES (?) ON CONFLICT DO NOTHING RETURNING customer',
    [customer],
  );
  return written !== undefined;
}

/** @returns false when he was not unsubscribed */
export async function subscribeAgain(trx: Knex.Transaction, customer: string): Promise<boolean> {
  const gone = await rows(trx, 'DELETE FROM recovery_unsubscribed WHERE customer = ? RETURNING customer', [customer]);
  return gone.length > 0;
}
