import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE payments ADD COLUMN lease_since timestamptz;
    COMMENT ON COLUMN payments.lease_since IS
      'Since when the present lease is held: it is renewed for a bounded time only. A worker of the release before leaves it.';
  `);
  await knex.raw(`
    ALTER TABLE stripe_events ADD COLUMN awaits_release_since timestamptz;
    COMMENT ON COLUMN stripe_events.awaits_release_since IS
      'A release that does not know the type left it to a newer one then (docs/decisions/0021). Without meaning once there is an outcome.';
  `);
  // Made here, where it is committed before anybody signs with it; a process of the release before takes it as it is.
  await knex.raw(`
    INSERT INTO app_secrets (name, value)
    VALUES ('public_links', encode(decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'), 'base64'))
    ON CONFLICT (name) DO NOTHING;
  `);
}
