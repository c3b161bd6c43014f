import { type Db, firstRow } from '../../platform/db.ts';
import type { SubscriptionStatus } from '../subscriptions/subscription.ts';

/** The subscriptions of somebody of the application, by what he said himself or by who his customers at Stripe are. */
const OF_REFERENCE = `s.id = ANY(ARRAY(
  SELECT id FROM subscriptions WHERE said_reference = :reference
  UNION SELECT id FROM subscriptions WHERE metadata->>'quittance_reference' = :reference
  UNION SELECT o.id FROM subscriptions o JOIN customers c ON c.stripe_customer = o.customer
        WHERE c.account = '' AND c.reference = :reference))`;

export interface LiveSubscription {
  readonly id: string;
  readonly status: SubscriptionStatus;
}

/** Those of a product that go on, or may: one that waits for its first payment, or is paused, is one, too. */
export async function liveOfProduct(db: Db, reference: string, product: string): Promise<LiveSubscription | undefined> {
  return firstRow<LiveSubscription>(
    db,
    `SELECT s.id, s.status FROM subscriptions s
     WHERE ${OF_REFERENCE} AND s.status IN ('incomplete', 'trialing', 'active', 'past_due', 'unpaid', 'paused')
       AND EXISTS (SELECT FROM subscription_items i JOIN prices p ON p.id = i.price
                   WHERE i.subscription = s.id AND p.product = :product)
     ORDER BY s.created DESC LIMIT 1`,
    { reference, product },
  );
}

/** Whether he has had a trial, of whatever. */
export async function hadTrial(db: Db, reference: string): Promise<boolean> {
  const row = await firstRow(
    db,
    `SELECT FROM subscriptions s WHERE ${OF_REFERENCE} AND s.trial_start IS NOT NULL LIMIT 1`,
    { reference },
  );
  return row !== undefined;
}
