import type { Knex } from 'knex';
import type Stripe from 'stripe';
import { type Db, firstRow, rows } from '../../platform/db.ts';

/** The table `checkouts`: pages at Stripe that were opened for somebody of the application. */
export interface CheckoutRow {
  /** co_… */
  readonly id: string;
  readonly wanted: string;
  readonly params: Stripe.Checkout.SessionCreateParams;
  readonly state: 'opening' | 'open' | 'complete' | 'expired' | 'refused';
  readonly session: string | null;
  readonly url: string | null;
}

const COLUMNS = 'id, wanted, params, state, session, url';

/** The one that is open, or about to be. */
export async function openCheckoutOf(db: Db, reference: string, slot: string): Promise<CheckoutRow | undefined> {
  return firstRow<CheckoutRow>(
    db,
    `SELECT ${COLUMNS} FROM checkouts WHERE reference = ? AND slot = ? AND state IN ('opening', 'open')`,
    [reference, slot],
  );
}

export interface NewCheckout extends Pick<CheckoutRow, 'id' | 'wanted' | 'params'> {
  readonly reference: string;
  readonly slot: string;
  readonly by: string;
}

/** Before Stripe is asked: the same session is made again by whoever goes on after a crash. */
export async function insertCheckout(db: Db | Knex.Transaction, { params, ...checkout }: NewCheckout): Promise<void> {
  await rows(
    db,
    `INSERT INTO checkouts (id, reference, slot, wanted, params, opened_by)
     VALUES (:id, :reference, :slot, :wanted, :params, :by)`,
    { ...checkout, params: JSON.stringify(params) },
  );
}

export async function noteOpened(
  db: Db,
  id: string,
  { session, url }: { session: string; url: string },
): Promise<void> {
  await rows(
    db,
    `UPDATE checkouts SET state = 'open', session = :session, url = :url WHERE id = :id AND state = 'opening'`,
    {
      id,
      session,
      url,
    },
  );
}

export async function closeCheckout(db: Db, id: string, state: 'complete' | 'expired' | 'refused'): Promise<void> {
  await rows(
    db,
    `UPDATE checkouts SET state = :state, closed_at = now() WHERE id = :id AND state IN ('opening', 'open')`,
    { id, state },
  );
}

/** By its session. @returns whether it was open; of a session that is not ours nothing is */
export async function closeCheckoutOf(db: Db, session: string, state: 'complete' | 'expired'): Promise<boolean> {
  const closed = await rows(
    db,
    `UPDATE checkouts SET state = :state, closed_at = now() WHERE session = :session AND state IN ('opening', 'open') RETURNING id`,
    { session, state },
  );
  return closed.length > 0;
}
