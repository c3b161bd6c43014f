import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE payments (
      account          text NOT NULL DEFAULT '',
      payment_intent   text NOT NULL CHECK (payment_intent ~ '^pi_[A-Za-z0-9_]+$'),
      livemode         boolean NOT NULL,
      status           text,
      amount_received  bigint CHECK (amount_received >= 0),
      currency         text CHECK (currency ~ '^[a-z]{3}$'),
      paid_at          timestamptz,
      customer         text,
      charge           text,
      checkout_session text,
      verdict          text CONSTRAINT payments_verdict CHECK (verdict IN ('invoice', 'skip', 'review')),
      reason           text,
      rule             text,
      foreign_invoice  text,
      disputed_since   timestamptz,
      settled_at       timestamptz,
      lease_owner      uuid,
      lease_until      timestamptz,
      first_seen_at    timestamptz NOT NULL DEFAULT now(),
      updated_at       timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT payments_once PRIMARY KEY (account, payment_intent),
      CONSTRAINT payments_lease_whole CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
      CONSTRAINT payments_invoice_needs_money CHECK (verdict IS DISTINCT FROM 'invoice' OR (amount_received > 0 AND currency IS NOT NULL))
    );
    COMMENT ON TABLE payments IS
      'Every payment intent that an event spoke of: what was received, whether it is to be invoiced and why, and who works on it now.';
    COMMENT ON COLUMN payments.amount_received IS 'Minor units of currency.';
    COMMENT ON COLUMN payments.verdict IS 'NULL: not decided, because the money is not there (yet).';
    COMMENT ON COLUMN payments.foreign_invoice IS 'The invoice that Stripe itself made for this payment.';
    COMMENT ON COLUMN payments.disputed_since IS 'An open dispute or inquiry; NULL again once it is decided.';
    COMMENT ON COLUMN payments.settled_at IS 'Nothing is left to do for this payment: invoiced and paid, or skipped.';
    CREATE INDEX payments_by_time ON payments (paid_at);
    CREATE INDEX payments_open ON payments (first_seen_at) WHERE settled_at IS NULL;
  `);
  await knex.raw(`
    CREATE TABLE payment_invoices (
      id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      account            text NOT NULL,
      payment_intent     text NOT NULL,
      reverses           text,
      step               text NOT NULL DEFAULT 'claimed' CONSTRAINT payment_invoices_step
                         CHECK (step IN ('claimed', 'drafted', 'lined', 'finalized', 'paid')),
      key_version        integer NOT NULL DEFAULT 1 CHECK (key_version > 0),
      bill_to            text NOT NULL DEFAULT 'buyer' CONSTRAINT payment_invoices_bill_to
                         CHECK (bill_to IN ('buyer', 'guest', 'stand_in')),
      customer           text,
      stripe_invoice     text CONSTRAINT payment_invoices_stripe_invoice_once UNIQUE,
      number             text,
      currency           text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
      total              bigint NOT NULL CHECK (total > 0),
      settlement         text CONSTRAINT payment_invoices_settlement CHECK (settlement IN ('out_of_band', 'attached')),
      hosted_invoice_url text,
      invoice_pdf        text,
      tried_at           timestamptz,
      claimed_at         timestamptz NOT NULL DEFAULT now(),
      drafted_at         timestamptz,
      lined_at           timestamptz,
      finalized_at       timestamptz,
      paid_at            timestamptz,
      CONSTRAINT payment_invoices_once UNIQUE NULLS NOT DISTINCT (account, payment_intent, reverses),
      CONSTRAINT payment_invoices_of_payment FOREIGN KEY (account, payment_intent) REFERENCES payments,
      CONSTRAINT payment_invoices_drafted CHECK (step = 'claimed' OR stripe_invoice IS NOT NULL),
      CONSTRAINT payment_invoices_paid CHECK (step <> 'paid' OR (settlement IS NOT NULL AND number IS NOT NULL))
    );
    COMMENT ON TABLE payment_invoices IS
      'The claim of a payment on its one Stripe invoice, and how far the invoice has come. A step is stored before the next begins.';
    COMMENT ON COLUMN payment_invoices.reverses IS
      'The credit note (cn_...) that this invoice takes back; NULL: it is the invoice of the payment itself.';
    COMMENT ON COLUMN payment_invoices.key_version IS
      'Part of the idempotency keys of its Stripe writes: raised when a write has to be made anew with other parameters.';
    COMMENT ON COLUMN payment_invoices.bill_to IS
      'buyer: the customer of the payment; guest: a customer made for it; stand_in: a copy of the buyer, because his own balance or currency would change the invoice.';
    COMMENT ON COLUMN payment_invoices.total IS 'What the invoice must come to: the amount received, minor units.';
    COMMENT ON COLUMN payment_invoices.tried_at IS 'When work on it was last begun: whoever takes it up again looks at Stripe before creating anything.';
  `);
}
