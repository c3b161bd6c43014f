import type { Knex } from 'knex';

/** The index is built while rows are written, which Postgres does outside of transactions only: each step may be repeated. */
export const config = { transaction: false };

/** The release before this one leaves the new columns empty, which means: any language, and no cap. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE messages
      ADD COLUMN IF NOT EXISTS locale text,
      ADD COLUMN IF NOT EXISTS cap_key text,
      ADD COLUMN IF NOT EXISTS cap_most integer CONSTRAINT messages_cap_most CHECK (cap_most > 0),
      ADD COLUMN IF NOT EXISTS cap_seconds integer CONSTRAINT messages_cap_seconds CHECK (cap_seconds > 0);
    COMMENT ON COLUMN messages.locale IS 'The language that its recipient has asked for (BCP 47); null: nobody has asked.';
    COMMENT ON COLUMN messages.cap_key IS
      'Whom it would be too much for: of all letters with this key, cap_most within cap_seconds are sent, and what is more is skipped.';
    COMMENT ON COLUMN messages.cap_most IS 'Null beside a key: counted for the others, but sent all the same, as when a person sends it again.';
  `);
  // What an interrupted build leaves behind is no index, but has the name.
  await knex.raw('DROP INDEX CONCURRENTLY IF EXISTS messages_under_cap');
  await knex.raw(
    'CREATE INDEX CONCURRENTLY messages_under_cap ON messages (cap_key, sent_at) WHERE cap_key IS NOT NULL',
  );
}
