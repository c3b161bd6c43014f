import type { Knex } from 'knex';

/** The indexes are built while rows are written, which Postgres does outside of transactions only: each step may be repeated. */
export const config = { transaction: false };

/** What belongs to somebody of the application is found by his reference. */
const INDEXES = {
  subscriptions_by_said_reference: 'subscriptions (said_reference) WHERE said_reference IS NOT NULL',
  subscriptions_by_our_reference: `subscriptions ((metadata->>'quittance_reference')) WHERE metadata->>'quittance_reference' IS NOT NULL`,
  payments_of_customer: 'payments (customer, paid_at) WHERE customer IS NOT NULL',
  access_assignments_of_reference: 'access_assignments (reference) WHERE reference IS NOT NULL',
};

export async function up(knex: Knex): Promise<void> {
  for (const [name, on] of Object.entries(INDEXES)) {
    // What an interrupted build leaves behind is no index, but has the name.
    await knex.raw(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
    await knex.raw(`CREATE INDEX CONCURRENTLY ${name} ON ${on}`);
  }
}
