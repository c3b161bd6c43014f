import { createHash } from 'node:crypto';
import { firstRow } from '../../platform/db.ts';
import { mapCustomer } from '../access/customers.ts';
import { OUR_REFERENCE } from '../access/reference.ts';
import type { Deps } from '../deps/deps.ts';

/**
 * The customer at Stripe of somebody of the application, made for him when there is none. Two first checkouts side by side get
 * the same: the key of the request is made of the reference alone.
 * @param email where Stripe's pages and mails find him; it changes nothing about one who is there
 */
export async function customerOf(
  reference: string,
  email: string | undefined,
  { db, stripe }: Pick<Deps, 'db' | 'stripe'>,
): Promise<string> {
  const known = await firstRow<{ stripe_customer: string }>(
    db,
    `SELECT stripe_customer FROM customers WHERE account = '' AND reference = ? ORDER BY mapped_at, stripe_customer LIMIT 1`,
    [reference],
  );
  if (known) return known.stripe_customer;
  const key = createHash('sha256').update(reference).digest('hex').slice(0, 32);
  const made = await stripe.customers.create(
    { metadata: { [OUR_REFERENCE]: reference } },
    { idempotencyKey: `customer:${key}` },
  );
  // Apart: the same key must come with the same parameters, and the second request may name another address.
  if (email !== undefined && made.email === null) await stripe.customers.update(made.id, { email });
  await db.transaction((trx) => mapCustomer(trx, { customer: made.id, reference, by: 'checkout' }));
  return made.id;
}
