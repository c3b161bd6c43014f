import type { Knex } from 'knex';

/**
 * Fewer rows and less reading per event (docs/decisions/0015). An api of the release before goes on storing: Postgres
 * assigns its json to text. Its workers fail on the text, and try again until one of this release takes the event up.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE stripe_events ALTER COLUMN payload TYPE text;
    -- A new type brings its own storage along; this one is not compressed while Stripe waits for its answer.
    ALTER TABLE stripe_events ALTER COLUMN payload SET STORAGE EXTERNAL;
    COMMENT ON COLUMN stripe_events.payload IS
      'The body as it was signed, to the byte: JSON, which the receiver has read. Text, so that Postgres does not read it again.';

    COMMENT ON TABLE webhook_deliveries IS
      'Requests to the webhook endpoint that stored no event: duplicate, or rejected and why. Rejected ones are counted by minute beyond a limit. An accepted one is its row in stripe_events (those from before this was so stay until they are 90 days old).';
    CREATE VIEW webhook_requests AS
      SELECT received_at, 'accepted' AS verdict, id AS event_id, NULL AS reason, 1 AS requests FROM stripe_events
      UNION ALL
      SELECT received_at, verdict, event_id, reason, requests FROM webhook_deliveries WHERE verdict <> 'accepted';
    COMMENT ON VIEW webhook_requests IS 'Every request to the webhook endpoint: accepted, duplicate, or rejected and why.';
  `);
}
