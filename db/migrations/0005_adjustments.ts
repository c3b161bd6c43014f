import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE adjustments (
      id             text CONSTRAINT adjustments_once PRIMARY KEY CHECK (id ~ '^(re|pyr|du|dp)_[A-Za-z0-9_]+$'),
      kind           text NOT NULL CONSTRAINT adjustments_kind CHECK (kind IN ('refund', 'dispute')),
      account        text NOT NULL,
      payment_intent text NOT NULL,
      amount         bigint NOT NULL CHECK (amount >= 0),
      currency       text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
      status         text NOT NULL,
      cause          text,
      happened_at    timestamptz NOT NULL,
      decision       text NOT NULL CONSTRAINT adjustments_decision
                     CHECK (decision IN ('note', 'none', 'wait', 'review', 'off')),
      reason         text NOT NULL,
      first_seen_at  timestamptz NOT NULL DEFAULT now(),
      updated_at     timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT adjustments_of_payment FOREIGN KEY (account, payment_intent) REFERENCES payments
    );
    COMMENT ON TABLE adjustments IS
      'Every refund and dispute of a known payment, as Stripe last told it, and whether it leaves a credit note and why.';
    COMMENT ON COLUMN adjustments.amount IS 'Minor units of currency.';
    COMMENT ON COLUMN adjustments.status IS 'Stripe''s own status of the refund or dispute.';
    COMMENT ON COLUMN adjustments.cause IS 'Stripe''s reason, e.g. requested_by_customer or fraudulent.';
    COMMENT ON COLUMN adjustments.decision IS
      'note: it gets one (see credit_notes); none: it never will; wait: not decided at Stripe yet; review: a person is asked; off: adjustments are switched off.';
    CREATE INDEX adjustments_of_payment_intent ON adjustments (payment_intent);
    CREATE INDEX adjustments_open ON adjustments (decision) WHERE decision IN ('wait', 'review', 'off');
  `);
  await knex.raw(`
    CREATE TABLE credit_notes (
      id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      adjustment         text NOT NULL CONSTRAINT credit_notes_once UNIQUE REFERENCES adjustments,
      account            text NOT NULL,
      payment_intent     text NOT NULL,
      stripe_invoice     text NOT NULL,
      amount             bigint NOT NULL CHECK (amount > 0),
      currency           text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
      allocation         text NOT NULL CONSTRAINT credit_notes_allocation CHECK (allocation IN ('out_of_band', 'refund')),
      key_version        integer NOT NULL DEFAULT 1 CHECK (key_version > 0),
      split              jsonb,
      stripe_credit_note text CONSTRAINT credit_notes_stripe_once UNIQUE,
      number             text,
      pdf                text,
      claimed_at         timestamptz NOT NULL DEFAULT now(),
      issued_at          timestamptz,
      reversed_by        text,
      CONSTRAINT credit_notes_issued CHECK ((stripe_credit_note IS NULL) = (issued_at IS NULL))
    );
    COMMENT ON TABLE credit_notes IS 'The claim of one refund or lost dispute on its one credit note.';
    COMMENT ON COLUMN credit_notes.amount IS 'What the note comes to, tax included, minor units.';
    COMMENT ON COLUMN credit_notes.allocation IS
      'refund: linked to the refund at Stripe; out_of_band: the money went another way (a chargeback, or the invoice was settled out of band).';
    COMMENT ON COLUMN credit_notes.split IS 'How the amount is spread over the invoice lines, line id to minor units; NULL: a bare amount.';
    COMMENT ON COLUMN credit_notes.reversed_by IS 'The invoice (in_...) that takes the note back.';
    CREATE INDEX credit_notes_of_payment ON credit_notes (payment_intent);
    CREATE INDEX credit_notes_of_invoice ON credit_notes (stripe_invoice);
  `);
}
