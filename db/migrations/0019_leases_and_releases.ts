import type { Knex } from 'knex';

/**
 * Leases end for certain, and events of types that only a newer release knows wait for it. The release before leaves
 * the new columns empty.
 */
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
  await knex.raw(`
    ALTER TABLE backfill_runs
      ADD COLUMN failures integer NOT NULL DEFAULT 0,
      DROP CONSTRAINT backfill_runs_phase,
      ADD CONSTRAINT backfill_runs_phase CHECK (phase IN (
        'payments', 'refunds', 'disputes', 'events', 'open_payments', 'open_adjustments', 'open_checkouts', 'done'));
    COMMENT ON TABLE backfill_runs IS
      'Walks over the past at Stripe and over what is open here: how far each came, so that a stopped one goes on where it was.';
    COMMENT ON COLUMN backfill_runs.cursor IS 'The last object of the phase that is done with.';
    COMMENT ON COLUMN backfill_runs.failed IS 'What failed, and why; beyond the first thousand they are only counted (failures).';
  `);
  // Made here, where it is committed before anybody signs with it; a process of the release before takes it as it is.
  await knex.raw(`
    INSERT INTO app_secrets (name, value)
    VALUES ('public_links', encode(decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'), 'base64'))
    ON CONFLICT (name) DO NOTHING;
  `);
}
