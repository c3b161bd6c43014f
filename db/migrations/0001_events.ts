import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE stripe_events (
      id           text PRIMARY KEY CHECK (id ~ '^evt_[A-Za-z0-9_]+$'),
      account      text NOT NULL DEFAULT '',
      type         text NOT NULL,
      api_version  text,
      livemode     boolean NOT NULL,
      object_id    text,
      created      timestamptz NOT NULL,
      payload      json NOT NULL,
      received_at  timestamptz NOT NULL DEFAULT now(),
      queue        text,
      outcome      text CONSTRAINT stripe_events_outcome CHECK (outcome IN ('processed', 'ignored', 'review')),
      reason       text,
      outcome_at   timestamptz,
      payment_intent text,
      attempts     integer NOT NULL DEFAULT 0,
      last_error   text,
      swept_at     timestamptz,
      CONSTRAINT stripe_events_outcome_has_time CHECK ((outcome IS NULL) = (outcome_at IS NULL))
    );
    COMMENT ON TABLE stripe_events IS
      'The inbox: every event that Stripe sent us and that we answered with 200, once, with what became of it.';
    COMMENT ON COLUMN stripe_events.account IS 'Connected account (acct_...), empty for the account of the secret key.';
    COMMENT ON COLUMN stripe_events.payload IS 'The body as it was signed, to the byte: json, because jsonb refuses some texts that JSON allows.';
    COMMENT ON COLUMN stripe_events.queue IS 'The BullMQ queue of its job; NULL: no use case listens to this type.';
    COMMENT ON COLUMN stripe_events.outcome IS 'NULL: not done yet (waiting, running or failing).';
    COMMENT ON COLUMN stripe_events.swept_at IS 'When the sweeper last looked after this event.';

    -- Payloads are written once and read rarely: keep them out of the row (so that noting an outcome copies no payload)
    -- and do not spend time compressing them while Stripe waits for its answer.
    ALTER TABLE stripe_events ALTER COLUMN payload SET STORAGE EXTERNAL;
    ALTER TABLE stripe_events SET (toast_tuple_target = 256, fillfactor = 85);

    CREATE INDEX stripe_events_unfinished ON stripe_events (received_at) WHERE outcome IS NULL;
    CREATE INDEX stripe_events_of_payment ON stripe_events (payment_intent) WHERE payment_intent IS NOT NULL;
    CREATE INDEX stripe_events_by_arrival ON stripe_events USING brin (received_at);
  `);
  await knex.raw(`
    CREATE TABLE event_attempts (
      id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      event_id    text NOT NULL REFERENCES stripe_events (id) ON DELETE CASCADE,
      worker      text NOT NULL,
      started_at  timestamptz NOT NULL DEFAULT now(),
      finished_at timestamptz,
      duration_ms integer,
      ended       text CONSTRAINT event_attempts_ended
                  CHECK (ended IN ('processed', 'ignored', 'review', 'error', 'busy', 'rate_limited')),
      stripe_calls integer,
      note        text
    );
    COMMENT ON TABLE event_attempts IS
      'Each time a worker took up an event: who, when, how long, how it ended. Not finished: the worker died.';
    CREATE INDEX event_attempts_of_event ON event_attempts (event_id);
  `);
  await knex.raw(`
    CREATE TABLE webhook_deliveries (
      id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      received_at timestamptz NOT NULL DEFAULT now(),
      verdict     text NOT NULL CONSTRAINT webhook_deliveries_verdict CHECK (verdict IN ('accepted', 'duplicate', 'rejected')),
      event_id    text,
      reason      text,
      requests    integer NOT NULL DEFAULT 1
    );
    COMMENT ON TABLE webhook_deliveries IS
      'Every request to the webhook endpoint: accepted, duplicate, or rejected and why. Rejected ones are counted by minute beyond a limit.';
    COMMENT ON COLUMN webhook_deliveries.requests IS 'More than 1: that many rejected requests of one minute in one row.';
    CREATE INDEX webhook_deliveries_by_arrival ON webhook_deliveries USING brin (received_at);
    CREATE INDEX webhook_deliveries_rejected ON webhook_deliveries (received_at) WHERE verdict = 'rejected';
  `);
}
