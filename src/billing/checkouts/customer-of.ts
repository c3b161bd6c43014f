import { createHash } from 'node:crypto';
import { Refused } from '../../platform/errors.ts';
import { isMissing } from '../../stripe/errors.ts';
import { customersOfReference, mapCustomer, referenceOfCustomer } from '../access/customers.ts';
import { learnCustomer } from '../access/learn-customer.ts';
import { OUR_REFERENCE } from '../access/reference.ts';
import type { Deps } from '../deps/deps.ts';
import { InvalidInput } from '../own-invoices/invoice-input.ts';

/**
 * The customer at Stripe of somebody of the application, made for him when there is none. Two first checkouts side by side get
 * the same: the key of the request is made of the reference, and of how many there were.
 * @param email where Stripe's pages and mails find him; it changes nothing about one who is there
 */
export async function customerOf(
  reference: string,
  email: string | undefined,
  { db, stripe }: Pick<Deps, 'db' | 'stripe'>,
): Promise<string> {
  const known = await customersOfReference(db, reference);
  for (const customer of known) {
    if (await isThere(customer, stripe)) return customer;
  }
  const key = createHash('sha256').update(reference).digest('hex').slice(0, 32);
  // One that was deleted at Stripe needs a successor, under a key of its own.
  const made = await stripe.customers.create(
    { metadata: { [OUR_REFERENCE]: reference } },
    { idempotencyKey: `customer:${key}:${known.length}` },
  );
  // Apart: the same key must come with the same parameters, and the second request may name another address.
  if (email !== undefined && made.email === null) await stripe.customers.update(made.id, { email });
  await db.transaction((trx) => mapCustomer(trx, { customer: made.id, reference, by: 'checkout' }));
  return made.id;
}

/**
 * A customer that the application knows at Stripe, from before: from now on he is this person.
 * @throws InvalidInput when there is none, Refused when he is known as somebody else
 */
export async function nameCustomer(
  customer: string,
  reference: string,
  { db, stripe }: Pick<Deps, 'db' | 'stripe'>,
): Promise<void> {
  if (!(await isThere(customer, stripe))) {
    const message = `is no customer at Stripe (${customer}), or was deleted there: correct it, or leave it out`;
    throw new InvalidInput([{ field: 'customer', message }]);
  }
  await db.transaction((trx) => learnCustomer(trx, { customer, reference, by: 'checkout' }));
  if ((await referenceOfCustomer(db, customer)) === reference) return;
  throw new Refused(
    `Customer ${customer} is known as somebody else: leave customer out, or name one of this reference.`,
  );
}

/** Somebody may have deleted him: nothing can be sold to him then. */
async function isThere(customer: string, stripe: Deps['stripe']): Promise<boolean> {
  try {
    return !(await stripe.customers.retrieve(customer)).deleted;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
