import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE stripe_contact (
      one           boolean PRIMARY KEY DEFAULT true CONSTRAINT stripe_contact_one CHECK (one),
      answered_at   timestamptz,
      failing_since timestamptz,
      last_error    text
    );
    COMMENT ON TABLE stripe_contact IS
      'When Stripe last answered any process, to some seconds, and since when it has not: one row.';
    INSERT INTO stripe_contact DEFAULT VALUES;

    -- Not checked for the rows that are there: none has the new word.
    ALTER TABLE event_attempts DROP CONSTRAINT event_attempts_ended;
    ALTER TABLE event_attempts ADD CONSTRAINT event_attempts_ended
      CHECK (ended IN ('processed', 'ignored', 'review', 'error', 'busy', 'rate_limited', 'away')) NOT VALID;
  `);
}
