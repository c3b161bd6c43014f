/**
 * What an event comes to whose news is known already, or nobody's business here: SQL, about an `event` of our own account, as
 * `SETTLED_ALREADY` for payments. Stripe tells one change in several events; the first one asks, and the answer holds what the
 * others tell if it was asked for after they arrived. And each document that we make at Stripe is told of, too.
 */
export const SYNCED_ALREADY = `
  SELECT 'processed' AS outcome, 'Stripe was asked since it arrived' AS reason, NULL AS payment_intent, s.id AS subscription
  FROM subscriptions s WHERE s.id = event.object_id AND s.synced_from > event.received_at
  UNION ALL
  SELECT 'processed', 'Stripe was asked since it arrived', NULL, i.subscription
  FROM subscription_invoices i WHERE i.id = event.object_id AND i.synced_from > event.received_at
  UNION ALL
  SELECT 'processed', 'Stripe was asked since it arrived', NULL, NULL
  FROM test_clocks c WHERE c.id = event.object_id AND c.synced_from > event.received_at
  UNION ALL
  SELECT 'ignored', 'it is a document of ours', NULL, NULL FROM payment_invoices d WHERE d.stripe_invoice = event.object_id
  UNION ALL
  SELECT 'ignored', 'the customer has no subscription that goes on', NULL, NULL
  WHERE event.object_id LIKE 'cus\\_%' AND NOT EXISTS (
    SELECT FROM subscriptions s
    WHERE s.customer = event.object_id AND s.status NOT IN ('canceled', 'incomplete_expired'))`;
