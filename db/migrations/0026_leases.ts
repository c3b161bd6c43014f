import type { Knex } from 'knex';

/**
 * One table of leases for all that is worked on (docs/decisions/0033). The release before this one knows the columns in
 * `payments` only, so a worker of this one takes both; the release after it may drop them.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE leases (
      subject text PRIMARY KEY,
      owner   uuid NOT NULL,
      since   timestamptz NOT NULL,
      until   timestamptz NOT NULL
    );
    COMMENT ON TABLE leases IS
      'What is worked on just now, and by whom: renewed while the work goes on, for a bounded time, and gone when it ends.';
    COMMENT ON COLUMN leases.subject IS 'e.g. payment::pi_…, with the connected account between the colons.';
    CREATE INDEX leases_run_out ON leases (until);
  `);
}
