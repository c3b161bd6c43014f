import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE backfill_runs (
      id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      since       timestamptz NOT NULL,
      phase       text NOT NULL DEFAULT 'payments' CONSTRAINT backfill_runs_phase
                  CHECK (phase IN ('payments', 'refunds', 'disputes', 'done')),
      cursor      text,
      looked_at   integer NOT NULL DEFAULT 0,
      created     integer NOT NULL DEFAULT 0,
      failed      jsonb NOT NULL DEFAULT '[]',
      started_at  timestamptz NOT NULL DEFAULT now(),
      updated_at  timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE backfill_runs IS
      'Walks over past payments, refunds and disputes: how far each came, so that a stopped one goes on where it was.';
    COMMENT ON COLUMN backfill_runs.created IS 'Invoices and credit notes that the run has made.';
    COMMENT ON COLUMN backfill_runs.cursor IS 'The last object of the phase that is done with; Stripe lists the newest first.';
  `);
}
