import type { Knex } from 'knex';

/**
 * What is derived from a record is brought into agreement with it (docs/decisions/0032). The release before this one queues
 * its own messages, and leaves the new columns at their defaults.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE invoices
      ADD COLUMN send_by_mail boolean NOT NULL DEFAULT false,
      ADD COLUMN paid_method text,
      ADD COLUMN payer_email text;
    COMMENT ON COLUMN invoices.send_by_mail IS 'Whether whoever issued it wanted the customer to get it by mail.';
    COMMENT ON COLUMN invoices.paid_method IS 'How it was paid, for the customer: by card. Null: not known, or paid in a release before this was kept.';
    COMMENT ON COLUMN invoices.payer_email IS 'The address given on the payment page, for the receipt of an invoice without one.';

    CREATE TABLE agreement_marks (
      id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      dependent   text NOT NULL,
      record      text NOT NULL,
      subject     text NOT NULL,
      turned      text,
      marked_at   timestamptz NOT NULL DEFAULT now(),
      tries       integer NOT NULL DEFAULT 0,
      next_try_at timestamptz NOT NULL DEFAULT now(),
      last_error  text NOT NULL,
      CONSTRAINT agreement_marks_once UNIQUE NULLS NOT DISTINCT (dependent, record, subject, turned)
    );
    COMMENT ON TABLE agreement_marks IS
      'What is derived from a record and did not come into agreement with it: the maintenance worker tries again until it does.';
    COMMENT ON COLUMN agreement_marks.turned IS 'What the record has become, which is still to be told; null: nothing is.';
    CREATE INDEX agreement_marks_due ON agreement_marks (next_try_at);

    CREATE TABLE policies_at_work (
      number   bigint GENERATED ALWAYS AS IDENTITY,
      policy   text PRIMARY KEY,
      seen_at  timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE policies_at_work IS
      'Which policies processes decide by, in the order in which they came up, and when each was at work for the last time.';

    CREATE TABLE agreements (
      dependent    text NOT NULL,
      subject      text NOT NULL,
      version      bigint NOT NULL DEFAULT 0,
      content_hash text,
      policy       text,
      agreed_at    timestamptz,
      PRIMARY KEY (dependent, subject)
    );
    COMMENT ON TABLE agreements IS
      'One row per derived record: locked before anything is read for it, with a version that grows when its content does change.';
  `);
}
