import type { Knex } from 'knex';

/** Each index is built while rows are written, which Postgres does outside of transactions only. */
export const config = { transaction: false };

/** Every list of the console and of /v1 is read from an index that has its order: by time, and by id among equal times. */
const INDEXES = {
  invoices_in_order: 'invoices (created_at, id)',
  invoices_of_status_in_order: 'invoices (status, created_at, id)',
  invoices_searched:
    'invoices USING gin (number gin_trgm_ops, customer_name gin_trgm_ops, customer_email gin_trgm_ops)',
  messages_in_order: 'messages (created_at, id)',
  messages_of_state_in_order: 'messages (state, created_at, id)',
  review_items_open_in_order: `review_items (opened_at, id) WHERE state = 'open'`,
  review_items_closed_in_order: `review_items (closed_at, id) WHERE state <> 'open'`,
  review_items_of_invoice: `review_items ((details->>'invoice')) WHERE details->>'invoice' IS NOT NULL`,
};

/** Those above have more to them; and no one asks for events by the time of their arrival, of which each would pay for that. */
const REPLACED = ['invoices_by_status', 'messages_by_state', 'stripe_events_by_arrival'];

export async function up(knex: Knex): Promise<void> {
  // For parts of words. Part of every Postgres, and whoever owns the database may add it.
  await knex.raw('CREATE EXTENSION IF NOT EXISTS pg_trgm');
  for (const [name, on] of Object.entries(INDEXES)) {
    // What an interrupted build leaves behind is no index, but has the name.
    await knex.raw(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
    await knex.raw(`CREATE INDEX CONCURRENTLY ${name} ON ${on}`);
  }
  for (const name of REPLACED) await knex.raw(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
  // When old rows go, all that came since the last vacuum would else be read.
  await knex.raw('ALTER INDEX webhook_deliveries_by_arrival SET (autosummarize = on)');
}
