import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  // Made here, where it is committed before anybody signs with it; a process of the release before takes it as it is.
  await knex.raw(`
    INSERT INTO app_secrets (name, value)
    VALUES ('public_links', encode(decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'), 'base64'))
    ON CONFLICT (name) DO NOTHING;
  `);
}
