import type { Knex } from 'knex';

/**
 * Browsers in which somebody has signed in, sessions that end when idle, keys that end, and questions that are told
 * together. The release before leaves the new columns at their defaults.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE admin_browsers (
      token_hash text NOT NULL,
      admin_id   bigint NOT NULL REFERENCES admin_users (id) ON DELETE CASCADE,
      created_at timestamptz NOT NULL DEFAULT now(),
      seen_at    timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT admin_browsers_once PRIMARY KEY (token_hash, admin_id)
    );
    COMMENT ON TABLE admin_browsers IS
      'Browsers in which somebody has signed in before: guesses of others don''t delay him there. Only the SHA-256 of the cookie is kept.';

    ALTER TABLE admin_sessions ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now();
    COMMENT ON COLUMN admin_sessions.seen_at IS 'When a page was asked for last, to the minute: an idle session ends.';

    ALTER TABLE admin_users ADD COLUMN signed_in_at timestamptz;
    COMMENT ON COLUMN admin_users.signed_in_at IS 'For the last time.';

    ALTER TABLE api_keys ADD COLUMN expires_at timestamptz;
    COMMENT ON COLUMN api_keys.expires_at IS 'From then on it is refused; null: never.';

    ALTER TABLE review_items
      ADD COLUMN to_be_told boolean NOT NULL DEFAULT false,
      ADD COLUMN told_at timestamptz,
      ADD COLUMN notice bigint;
    COMMENT ON COLUMN review_items.to_be_told IS 'The operators get a mail about it, with others that are asked about the same time.';
    COMMENT ON COLUMN review_items.notice IS 'The first question of the mail that told of it.';
    CREATE INDEX review_items_to_be_told ON review_items (id) WHERE to_be_told;
    CREATE INDEX review_items_told ON review_items (told_at) WHERE told_at IS NOT NULL;
    CREATE INDEX review_items_of_notice ON review_items (notice, id) WHERE notice IS NOT NULL;
  `);
}
