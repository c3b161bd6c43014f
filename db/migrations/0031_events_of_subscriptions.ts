import type { Knex } from 'knex';

/** The indexes are built while rows are written, which Postgres does outside of transactions only: each step may be repeated. */
export const config = { transaction: false };

export async function up(knex: Knex): Promise<void> {
  // What an interrupted build leaves behind is no index, but has the name.
  await knex.raw('DROP INDEX CONCURRENTLY IF EXISTS stripe_events_of_subscription');
  await knex.raw(
    'CREATE INDEX CONCURRENTLY stripe_events_of_subscription ON stripe_events (subscription) WHERE subscription IS NOT NULL',
  );
  await knex.raw('DROP INDEX CONCURRENTLY IF EXISTS stripe_events_by_subscription');
  await knex.raw(
    `CREATE INDEX CONCURRENTLY stripe_events_by_subscription ON stripe_events (object_id) WHERE object_id LIKE 'sub\\_%'`,
  );
}
