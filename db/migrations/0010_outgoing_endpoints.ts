import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE outgoing_endpoints
      ADD COLUMN disabled_reason text,
      ADD COLUMN removed_at timestamptz,
      ADD CONSTRAINT outgoing_endpoints_removed CHECK (removed_at IS NULL OR disabled_at IS NOT NULL),
      DROP CONSTRAINT outgoing_endpoints_url_once;
    CREATE UNIQUE INDEX outgoing_endpoints_url_once ON outgoing_endpoints (url) WHERE removed_at IS NULL;
    COMMENT ON COLUMN outgoing_endpoints.removed_at IS
      'Removed ones stay: what was sent to them, and what was not, remains on record.';
    CREATE INDEX messages_by_state ON messages (state, created_at DESC);
  `);
}
