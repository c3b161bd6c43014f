import type { Knex } from 'knex';

/**
 * What is sent twice is done once: forms by the token of their page, requests of `/v1` by their content in any order
 * of its fields. The release before compares what was sent, to the byte.
 */
export async function up(knex: Knex): Promise<void> {
  // Any e-mail address may be a name: r&d@example.com.
  await knex.raw(`
    ALTER TABLE admin_users DROP CONSTRAINT admin_users_name_check;
    ALTER TABLE admin_users ADD CONSTRAINT admin_users_name CHECK (name ~ '^[!-~]{1,254}$' AND name = lower(name));

    ALTER TABLE api_idempotency ADD COLUMN content_hash text;
    COMMENT ON COLUMN api_idempotency.request_hash IS 'Of method, path and content as it was sent: all that the release before compares.';
    COMMENT ON COLUMN api_idempotency.content_hash IS 'Of the same with the keys of each object in order; null from the release before.';

    CREATE TABLE submitted_forms (
      token        uuid NOT NULL,
      admin_id     bigint NOT NULL REFERENCES admin_users (id) ON DELETE CASCADE,
      content_hash text NOT NULL,
      landed_on    text,
      created_at   timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT submitted_forms_once PRIMARY KEY (admin_id, token)
    );
    COMMENT ON TABLE submitted_forms IS
      'Forms of the console that make something, by the token of the page: a second press lands where the first one did.';
    CREATE INDEX submitted_forms_by_age ON submitted_forms (created_at);
  `);
}
