/**
 * What an event comes to that only asks for the invoice of a payment, when that is settled and nothing of what was taken back
 * waits for it: SQL, about an `event` of our own account. It says what `settleThenAdjust` would say, without a round trip for
 * each look; what is not found here is not less true, and is looked at. So is a checkout whose end is not on record.
 */
export const SETTLED_ALREADY = `
  SELECT CASE verdict WHEN 'invoice' THEN 'processed' ELSE 'ignored' END AS outcome,
         CASE verdict WHEN 'invoice' THEN 'the payment has its invoice' ELSE coalesce(reason, 'skipped') END AS reason,
         p.payment_intent, NULL AS subscription
  FROM (SELECT event.object_id AS payment_intent
        UNION ALL SELECT payment_intent FROM payments WHERE charge = event.object_id
        UNION ALL SELECT payment_intent FROM payments WHERE checkout_session = event.object_id) named
  JOIN payments p ON p.account = '' AND p.payment_intent = named.payment_intent
  WHERE settled_at IS NOT NULL
    AND NOT (verdict = 'invoice' AND EXISTS (
      SELECT FROM adjustments a
      WHERE a.account = p.account AND a.payment_intent = p.payment_intent AND a.decision = 'wait'))
    AND NOT EXISTS (SELECT FROM checkouts c WHERE c.session = event.object_id AND c.state = 'open')
    AND NOT EXISTS (SELECT FROM checkout_sessions s WHERE s.id = event.object_id AND s.status = 'open')`;
