import type { Knex } from 'knex';

/** Most events of a payment come after it was settled, and name its charge or its session: they are ended in one statement. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE INDEX payments_by_charge ON payments (charge) WHERE charge IS NOT NULL;
    CREATE INDEX payments_by_session ON payments (checkout_session) WHERE checkout_session IS NOT NULL;
  `);
}
