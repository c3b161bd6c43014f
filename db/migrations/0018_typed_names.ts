import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  // Any e-mail address may be a name: r&d@example.com.
  await knex.raw(`
    ALTER TABLE admin_users DROP CONSTRAINT admin_users_name_check;
    ALTER TABLE admin_users ADD CONSTRAINT admin_users_name CHECK (name ~ '^[!-~]{1,254}$' AND name = lower(name));
  `);
}
