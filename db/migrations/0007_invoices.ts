import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE invoice_series (
      series text PRIMARY KEY CHECK (series ~ '^[A-Za-z0-9][A-Za-z0-9-]{0,19}$'),
      last   integer NOT NULL DEFAULT 0 CHECK (last >= 0)
    );
    COMMENT ON TABLE invoice_series IS
      'The last number given in each series. Counted in the transaction that issues, under the lock of this row: no gaps.';

    CREATE TABLE invoices (
      id             text PRIMARY KEY CHECK (id ~ '^inv_[a-z0-9]{16}$'),
      status         text NOT NULL DEFAULT 'draft' CONSTRAINT invoices_status CHECK (status IN ('draft', 'issued', 'paid', 'void')),
      series         text NOT NULL,
      number         text CONSTRAINT invoices_number_once UNIQUE,
      customer_name  text NOT NULL,
      customer_email text,
      customer_address text,
      currency       text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
      prices_include_tax boolean NOT NULL DEFAULT false,
      due_date       date,
      notes          text,
      link_version   integer NOT NULL DEFAULT 1 CHECK (link_version > 0),
      issued_at      timestamptz,
      paid_at        timestamptz,
      paid_amount    bigint CHECK (paid_amount > 0),
      paid_extras    jsonb,
      payment_intent text CONSTRAINT invoices_payment_once UNIQUE,
      voided_at      timestamptz,
      created_by     text NOT NULL,
      created_at     timestamptz NOT NULL DEFAULT now(),
      updated_at     timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT invoices_numbered CHECK ((status = 'draft') = (number IS NULL) OR status = 'void'),
      CONSTRAINT invoices_paid CHECK ((status = 'paid') = (payment_intent IS NOT NULL AND paid_at IS NOT NULL AND paid_amount IS NOT NULL))
    );
    COMMENT ON TABLE invoices IS 'The business''s own invoices, which customers pay by card on their public page.';
    COMMENT ON COLUMN invoices.link_version IS 'Part of the public link: raising it makes the old link a 404.';
    COMMENT ON COLUMN invoices.payment_intent IS 'The payment that settled it. A payment settles one invoice.';
    COMMENT ON COLUMN invoices.paid_extras IS 'Ids of the optional lines that the customer ticked and paid, a JSON array.';
    CREATE INDEX invoices_by_status ON invoices (status, created_at DESC);

    CREATE TABLE invoice_lines (
      id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      invoice     text NOT NULL REFERENCES invoices ON DELETE CASCADE,
      position    integer NOT NULL CHECK (position >= 0),
      description text NOT NULL,
      quantity    integer NOT NULL CHECK (quantity BETWEEN 1 AND 1000000),
      unit_amount bigint NOT NULL,
      tax_percent numeric(7, 4) NOT NULL DEFAULT 0 CHECK (tax_percent BETWEEN 0 AND 100),
      optional    boolean NOT NULL DEFAULT false,
      CONSTRAINT invoice_lines_order UNIQUE (invoice, position)
    );
    COMMENT ON TABLE invoice_lines IS 'What an own invoice charges for. Optional lines count only when the customer ticks them.';
    COMMENT ON COLUMN invoice_lines.unit_amount IS 'Minor units of the invoice''s currency; negative for a reduction.';

    CREATE TABLE checkout_attempts (
      id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      invoice        text NOT NULL REFERENCES invoices,
      attempt        integer NOT NULL CHECK (attempt > 0),
      amount         bigint NOT NULL CHECK (amount > 0),
      currency       text NOT NULL,
      extras         jsonb NOT NULL DEFAULT '[]',
      state          text NOT NULL DEFAULT 'creating' CONSTRAINT checkout_attempts_state
                     CHECK (state IN ('creating', 'open', 'processing', 'paid', 'failed', 'expired')),
      stripe_session text CONSTRAINT checkout_attempts_session_once UNIQUE,
      url            text,
      payment_intent text,
      created_at     timestamptz NOT NULL DEFAULT now(),
      expires_at     timestamptz NOT NULL,
      CONSTRAINT checkout_attempts_number UNIQUE (invoice, attempt),
      CONSTRAINT checkout_attempts_named CHECK (state = 'creating' OR state = 'expired' OR stripe_session IS NOT NULL)
    );
    COMMENT ON TABLE checkout_attempts IS
      'Each Checkout Session that was opened for an own invoice, with what the customer had ticked. One is live at a time.';
    CREATE UNIQUE INDEX checkout_attempts_one_live ON checkout_attempts (invoice) WHERE state IN ('creating', 'open', 'processing');

    CREATE TABLE payment_log (
      id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      invoice        text NOT NULL REFERENCES invoices,
      at             timestamptz NOT NULL DEFAULT now(),
      kind           text NOT NULL CONSTRAINT payment_log_kind
                     CHECK (kind IN ('session_opened', 'attempt_failed', 'processing', 'paid', 'mismatch', 'unapplied', 'refund')),
      key            text NOT NULL,
      amount         bigint,
      currency       text,
      payment_intent text,
      stripe_session text,
      text           text NOT NULL,
      CONSTRAINT payment_log_once UNIQUE (invoice, kind, key)
    );
    COMMENT ON TABLE payment_log IS 'What happened about the payment of an own invoice, each thing once, in words a customer could be told.';
    COMMENT ON COLUMN payment_log.key IS 'What makes the entry one and the same: a session, a charge, a payment, a refund.';

    CREATE TABLE app_secrets (
      name       text PRIMARY KEY,
      value      text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE app_secrets IS 'Secrets that the service makes for itself on first use, such as the one that public links are derived from.';
  `);
}
