import type { Knex } from 'knex';
import { rows } from '../../platform/db.ts';

/** Subscriptions that may be of a reference, by what is indexed; whose each is says `ownerOf`. */
export async function subscriptionsAtHand(trx: Knex.Transaction, reference: string): Promise<string[]> {
  const found = await rows<{ id: string }>(
    trx,
    `SELECT id FROM subscriptions
     WHERE status NOT IN ('canceled', 'incomplete_expired') AND id IN (
       SELECT s.id FROM customers c JOIN subscriptions s ON s.customer = c.stripe_customer
       WHERE c.account = '' AND c.reference = :reference
       UNION SELECT substr(cause, 14) FROM access_grants WHERE reference = :reference AND cause LIKE 'subscription:%')
     ORDER BY id LIMIT 100`,
    { reference },
  );
  return found.map(({ id }) => id);
}

/** Of open questions about a second subscription that are about one of these, or name it as the other: what they are about. */
export async function subscriptionsAskedWith(trx: Knex.Transaction, ids: readonly string[]): Promise<string[]> {
  const found = await rows<{ subject: string }>(
    trx,
    `SELECT subject FROM review_items
     WHERE kind = 'second_subscription' AND state = 'open' AND (subject = ANY(:ids) OR details->>'other' = ANY(:ids))
     ORDER BY subject`,
    { ids: [...ids] },
  );
  return found.map(({ subject }) => subject);
}
