import type { Knex } from 'knex';

/** Time in test mode, and subscriptions in a backfill. The release before this one knows none of it, and judges by Postgres's clock. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE test_clocks (
      id          text CONSTRAINT test_clocks_once PRIMARY KEY,
      status      text NOT NULL CONSTRAINT test_clocks_status
                  CHECK (status IN ('advancing', 'ready', 'internal_failure', 'deleted')),
      frozen_time timestamptz NOT NULL,
      synced_from timestamptz NOT NULL
    );
    COMMENT ON TABLE test_clocks IS
      'Test clocks of Stripe, in test mode: the time of the customers on them, and of all that belongs to them.';
    COMMENT ON COLUMN test_clocks.frozen_time IS
      'What counts as now. While Stripe advances it, that of before; of a deleted one the last.';
    COMMENT ON COLUMN test_clocks.synced_from IS 'Stripe was asked then, or a moment later. An older answer never overwrites it.';

    CREATE INDEX subscriptions_on_test_clock ON subscriptions (test_clock, id) WHERE test_clock IS NOT NULL;

    ALTER TABLE purchases ADD COLUMN test_clock text;
    COMMENT ON COLUMN purchases.test_clock IS 'Of the customer, in test mode.';
    CREATE INDEX purchases_on_test_clock ON purchases (test_clock, payment_intent) WHERE test_clock IS NOT NULL;

    ALTER TABLE access_grants ADD COLUMN frozen_at timestamptz;
    COMMENT ON COLUMN access_grants.frozen_at IS
      'The moment at which it is judged: that of the test clock that its cause is on, written anew when that moves. Null: now.';

    ALTER TABLE access_states ADD COLUMN on_test_clock boolean NOT NULL DEFAULT false;
    COMMENT ON COLUMN access_states.on_test_clock IS
      'Something of it is judged by a test clock, which may move at any moment: no answer about it may be used a second time unasked.';
  `);
  await knex.raw(`
    ALTER TABLE backfill_runs
      DROP CONSTRAINT backfill_runs_phase,
      ADD CONSTRAINT backfill_runs_phase CHECK (phase IN (
        'payments', 'refunds', 'disputes', 'events', 'subscriptions', 'live_subscriptions', 'test_subscriptions',
        'open_payments', 'open_adjustments', 'open_checkouts', 'open_purchases', 'open_subscriptions', 'done'));
  `);
}
