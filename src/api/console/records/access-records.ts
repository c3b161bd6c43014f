import { type Db, rows } from '../../../platform/db.ts';

/** Reads access for the console. */
export interface AccessStateRow {
  readonly reference: string;
  readonly version: number;
  readonly changes_at: Date | null;
  readonly agreed_at: Date;
}

const MOST = 50;

/** @param search the beginning of a reference; empty: all. Latest change first */
export async function accessStates(db: Db, search: string): Promise<AccessStateRow[]> {
  return rows<AccessStateRow>(
    db,
    `SELECT reference, version, changes_at, agreed_at FROM access_states
     WHERE starts_with(reference, :search) ORDER BY agreed_at DESC LIMIT :most`,
    { search, most: MOST },
  );
}

/** Who he is at Stripe. */
export async function customersOf(db: Db, reference: string): Promise<string[]> {
  const found = await rows<{ stripe_customer: string }>(
    db,
    'SELECT stripe_customer FROM customers WHERE reference = ? ORDER BY mapped_at LIMIT 50',
    [reference],
  );
  return found.map(({ stripe_customer }) => stripe_customer);
}
