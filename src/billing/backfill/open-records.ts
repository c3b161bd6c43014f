import { type Db, rows } from '../../platform/db.ts';
import { PermanentError } from '../../platform/errors.ts';
import { followPurchase } from '../access/follow-purchase.ts';
import { adjustPayment } from '../adjustments/adjust-payment.ts';
import type { Deps } from '../deps/deps.ts';
import { givesAccess } from '../policy/access.ts';
import { syncSubscription } from '../subscriptions/sync-subscription.ts';
import { type Found, PAGE, type Page } from './page.ts';

/** Pages of what our own tables hold as open. By key, so that what is closed on the way changes nothing about the rest. */

/** Payments that are neither invoiced, nor skipped, nor with a person, and can still succeed. */
export async function openPayments(db: Db, cursor: string | null): Promise<Page> {
  return page(
    db,
    `SELECT payment_intent AS id FROM payments
     WHERE account = '' AND payment_intent > :cursor AND settled_at IS NULL
       AND verdict IS DISTINCT FROM 'review' AND status IS DISTINCT FROM 'canceled'
     ORDER BY payment_intent LIMIT :limit`,
    cursor,
    (payment) => ({ payment, useCase: adjustPayment }),
  );
}

/** Payments with a refund or a dispute that is not decided at Stripe. */
export async function openAdjustments(db: Db, cursor: string | null): Promise<Page> {
  return page(
    db,
    `SELECT payment_intent AS id FROM adjustments
     WHERE account = '' AND payment_intent > :cursor AND decision = 'wait'
     UNION
     SELECT payment_intent FROM payments
     WHERE account = '' AND payment_intent > :cursor AND disputed_since IS NOT NULL
     ORDER BY id LIMIT :limit`,
    cursor,
    (payment) => ({ payment, useCase: adjustPayment }),
  );
}

/** Payment pages of own invoices that were opened and not seen to end. */
export async function openCheckouts(db: Db, cursor: string | null): Promise<Page> {
  return page(
    db,
    `SELECT stripe_session AS id FROM checkout_attempts
     WHERE stripe_session > :cursor AND state IN ('open', 'processing')
     ORDER BY stripe_session LIMIT :limit`,
    cursor,
    (session) => ({ session }),
  );
}

/** What was paid before anything was given for it: it is not on record what that was. */
export async function openPurchases({ db, policy }: Pick<Deps, 'db' | 'policy'>, cursor: string | null): Promise<Page> {
  if (!givesAccess(policy.access)) return { found: [], next: null, reached: null };
  return page(
    db,
    `SELECT payment_intent AS id FROM payments p
     WHERE account = '' AND payment_intent > :cursor AND status = 'succeeded' AND amount_received > 0
       AND NOT (foreign_invoice IS NOT NULL AND checkout_session IS NULL)
       AND NOT EXISTS (SELECT FROM purchases WHERE account = '' AND purchases.payment_intent = p.payment_intent)
       AND NOT EXISTS (SELECT FROM invoices WHERE invoices.payment_intent = p.payment_intent)
     ORDER BY payment_intent LIMIT :limit`,
    cursor,
    (payment) => ({ payment, useCase: followPurchase }),
  );
}

/** Subscriptions that go on as far as we know: they may have ended without a word. */
export async function openSubscriptions(db: Db, cursor: string | null): Promise<Page> {
  return page(
    db,
    `SELECT id FROM subscriptions WHERE id > :cursor AND status NOT IN ('canceled', 'incomplete_expired')
     ORDER BY id LIMIT :limit`,
    cursor,
    (subscription) => ({ subscription, bring: (deps) => mustBeThere(subscription, deps) }),
  );
}

/** Nothing is ended because Stripe does not know it: it may be the key that is wrong. */
async function mustBeThere(subscription: string, deps: Deps): Promise<void> {
  const { outcome, reason } = await syncSubscription({ subscription }, deps);
  if (outcome !== 'ignored') return;
  throw new PermanentError(
    `${reason}, and it goes on here: look whether the key is of the same account; if it was deleted there, quittance access end subscription:${subscription}`,
  );
}

async function page(db: Db, sql: string, cursor: string | null, of: (id: string) => Found): Promise<Page> {
  const ids = (await rows<{ id: string }>(db, sql, { cursor: cursor ?? '', limit: PAGE })).map(({ id }) => id);
  return { found: ids.map(of), next: ids.length === PAGE ? (ids.at(-1) ?? null) : null, reached: null };
}
