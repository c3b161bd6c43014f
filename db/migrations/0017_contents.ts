import type { Knex } from 'knex';

/** Every column has a value for what the release before this one writes meanwhile. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE payments ADD COLUMN unbooked_since timestamptz;
    COMMENT ON COLUMN payments.unbooked_since IS
      'Since when it is known that the money came while Stripe has not booked it: the day of its documents is awaited. NULL: it is not.';
  `);
}
