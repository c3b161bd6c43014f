/**
 * Whose a subscription is in the application, as SQL about `subscriptions`: by the word of a person, else to whom it gives or
 * gave something, else by what itself says, else as whom its customer is known. NULL: nobody's, or nobody knows.
 */
export const OWNER_OF_SUBSCRIPTION = `CASE WHEN said.cause IS NULL THEN coalesce(
    (SELECT g.reference FROM access_grants g WHERE g.cause = 'subscription:' || subscriptions.id
     ORDER BY g.ended_at IS NOT NULL, g.reference LIMIT 1),
    subscriptions.said_reference, subscriptions.metadata->>'quittance_reference', known.reference)
  ELSE said.reference END`;

export const BESIDE_OWNER_OF_SUBSCRIPTION = `
  LEFT JOIN access_assignments said ON said.cause = 'subscription:' || subscriptions.id
  LEFT JOIN customers known ON known.account = '' AND known.stripe_customer = subscriptions.customer`;

/** All that may be of `:reference`, each by an index; whose it is after all says `OWNER_OF_SUBSCRIPTION`. */
export const PERHAPS_OF_REFERENCE = `
  SELECT substr(cause, 14) FROM access_assignments WHERE reference = :reference AND cause LIKE 'subscription:%'
  UNION SELECT substr(cause, 14) FROM access_grants WHERE reference = :reference AND cause LIKE 'subscription:%'
  UNION SELECT id FROM subscriptions WHERE said_reference = :reference
  UNION SELECT id FROM subscriptions WHERE metadata->>'quittance_reference' = :reference
  UNION SELECT s.id FROM subscriptions s JOIN customers c ON c.stripe_customer = s.customer
        WHERE c.account = '' AND c.reference = :reference`;
