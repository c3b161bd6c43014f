import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE api_idempotency (
      id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      api_key      bigint NOT NULL REFERENCES api_keys ON DELETE CASCADE,
      key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
      request_hash text NOT NULL,
      claim        uuid NOT NULL DEFAULT gen_random_uuid(),
      claimed_at   timestamptz NOT NULL DEFAULT now(),
      status       integer,
      answer       text,
      created_at   timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT api_idempotency_once UNIQUE (api_key, key),
      CONSTRAINT api_idempotency_answered CHECK ((status IS NULL) = (answer IS NULL))
    );
    COMMENT ON TABLE api_idempotency IS
      'Requests to /v1 that carried an Idempotency-Key, and what they were answered. Without an answer: in flight.';
    COMMENT ON COLUMN api_idempotency.claim IS
      'Who works on it: an answer is stored under the claim that it was begun with, so that two can''t both have done it.';
    CREATE INDEX api_idempotency_by_age ON api_idempotency (created_at);
  `);
}
