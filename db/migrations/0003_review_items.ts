import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE review_items (
      id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      kind        text NOT NULL,
      subject     text NOT NULL,
      summary     text NOT NULL,
      details     jsonb NOT NULL DEFAULT '{}',
      state       text NOT NULL DEFAULT 'open' CONSTRAINT review_items_state CHECK (state IN ('open', 'resolved', 'dismissed')),
      opened_at   timestamptz NOT NULL DEFAULT now(),
      seen_again_at timestamptz,
      closed_at   timestamptz,
      closed_by   text,
      decision    text,
      reason      text,
      CONSTRAINT review_items_closed CHECK ((state = 'open') = (closed_at IS NULL))
    );
    COMMENT ON TABLE review_items IS
      'What a program must not decide: a person is asked, with what was expected and what was found.';
    COMMENT ON COLUMN review_items.subject IS 'The id of what it is about: pi_..., evt_..., re_..., du_..., or an own invoice.';
    CREATE UNIQUE INDEX review_items_open_once ON review_items (kind, subject) WHERE state = 'open';
    CREATE INDEX review_items_of_subject ON review_items (subject);
  `);
}
