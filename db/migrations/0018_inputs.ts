import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  // Any e-mail address may be a name: r&d@example.com.
  await knex.raw(`
    ALTER TABLE admin_users DROP CONSTRAINT admin_users_name_check;
    ALTER TABLE admin_users ADD CONSTRAINT admin_users_name CHECK (name ~ '^[!-~]{1,254}$' AND name = lower(name));

    ALTER TABLE api_idempotency ADD COLUMN content_hash text;
    COMMENT ON COLUMN api_idempotency.request_hash IS 'Of method, path and content as it was sent: all that the release before compares.';
    COMMENT ON COLUMN api_idempotency.content_hash IS 'Of the same with the keys of each object in order; null from the release before.';
  `);
}
