import type { Knex } from 'knex';

/** New columns may be empty: the release before this one neither reads nor writes them. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE payment_decisions (
      account        text NOT NULL DEFAULT '',
      payment_intent text NOT NULL,
      verdict        text NOT NULL CONSTRAINT payment_decisions_verdict CHECK (verdict IN ('invoice', 'invoice_in_one_line', 'skip')),
      reason         text NOT NULL,
      decided_by     text NOT NULL,
      decided_at     timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT payment_decisions_once PRIMARY KEY (account, payment_intent)
    );
    COMMENT ON TABLE payment_decisions IS
      'What a person has decided about a payment: it overrules the rules, for replays and backfills too, until a person has it reconsidered.';

    ALTER TABLE payments ADD COLUMN parked_for text;
    COMMENT ON COLUMN payments.parked_for IS 'What a person is asked while the verdict is review; the reason stays that of the rules.';

    ALTER TABLE review_items
      ADD COLUMN claimed_choice text,
      ADD COLUMN claimed_by text,
      ADD COLUMN claimed_at timestamptz,
      ADD COLUMN result text;
    COMMENT ON COLUMN review_items.claimed_choice IS
      'A decision whose effect has begun: only the same one may be made, until it has come to its end or was given back.';
    COMMENT ON COLUMN review_items.result IS 'What was done for the decision, in words.';
  `);
}
