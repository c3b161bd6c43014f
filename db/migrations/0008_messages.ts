import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE outgoing_endpoints (
      id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      url        text NOT NULL CONSTRAINT outgoing_endpoints_url_once UNIQUE,
      secret     text NOT NULL,
      types      text[] NOT NULL DEFAULT '{}',
      created_at timestamptz NOT NULL DEFAULT now(),
      disabled_at timestamptz
    );
    COMMENT ON TABLE outgoing_endpoints IS 'The business''s own systems that are told what happens, in Standard Webhooks form.';
    COMMENT ON COLUMN outgoing_endpoints.types IS 'Event types it wants; empty: all.';

    CREATE TABLE messages (
      id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      dedupe_key  text NOT NULL CONSTRAINT messages_once UNIQUE,
      channel     text NOT NULL CONSTRAINT messages_channel CHECK (channel IN ('mail', 'webhook')),
      kind        text NOT NULL,
      recipient   text,
      endpoint    bigint REFERENCES outgoing_endpoints ON DELETE CASCADE,
      data        jsonb NOT NULL,
      state       text NOT NULL DEFAULT 'pending' CONSTRAINT messages_state CHECK (state IN ('pending', 'sent', 'dead', 'skipped')),
      attempts    integer NOT NULL DEFAULT 0,
      next_attempt_at timestamptz NOT NULL DEFAULT now(),
      lease_until timestamptz,
      signalled_at timestamptz,
      last_error  text,
      created_at  timestamptz NOT NULL DEFAULT now(),
      sent_at     timestamptz,
      CONSTRAINT messages_addressed CHECK ((channel = 'mail') = (recipient IS NOT NULL) AND (channel = 'webhook') = (endpoint IS NOT NULL)),
      CONSTRAINT messages_sent CHECK ((state = 'sent') = (sent_at IS NOT NULL))
    );
    COMMENT ON TABLE messages IS
      'The outbox: mails and outgoing webhooks, written in the transaction of their cause, once per dedupe key, and sent afterwards.';
    CREATE INDEX messages_due ON messages (next_attempt_at) WHERE state = 'pending';

    CREATE TABLE message_attempts (
      id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      message  uuid NOT NULL REFERENCES messages ON DELETE CASCADE,
      at       timestamptz NOT NULL DEFAULT now(),
      duration_ms integer,
      ok       boolean NOT NULL,
      answer   text NOT NULL
    );
    COMMENT ON TABLE message_attempts IS 'Each try to send a message, and what the other side answered.';
    CREATE INDEX message_attempts_of_message ON message_attempts (message);

    CREATE TABLE api_keys (
      id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      name       text NOT NULL CONSTRAINT api_keys_name_once UNIQUE,
      key_hash   text NOT NULL CONSTRAINT api_keys_hash_once UNIQUE,
      scopes     text[] NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      last_used_at timestamptz,
      revoked_at timestamptz
    );
    COMMENT ON TABLE api_keys IS 'Keys of the business''s own programs for /v1. Only the SHA-256 is kept.';
  `);
}
