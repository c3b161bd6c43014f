import type { Knex } from 'knex';

/** Who may use what, derived from what was bought. The release before this one knows none of it, and needs none of it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE purchases (
      account        text NOT NULL DEFAULT '',
      payment_intent text NOT NULL,
      said_reference text,
      metadata       jsonb NOT NULL DEFAULT '{}',
      customer       text,
      email          text,
      description    text,
      items          jsonb NOT NULL DEFAULT '[]',
      amount         bigint NOT NULL CHECK (amount > 0),
      currency       text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
      paid_at        timestamptz NOT NULL,
      agreed_by      text,
      CONSTRAINT purchases_once PRIMARY KEY (account, payment_intent),
      CONSTRAINT purchases_of_payment FOREIGN KEY (account, payment_intent) REFERENCES payments
    );
    COMMENT ON TABLE purchases IS
      'What was bought with a one-off payment, and who said to have bought it: all that its access is decided from.';
    COMMENT ON COLUMN purchases.said_reference IS 'client_reference_id of the Checkout Session: who it is in the application.';
    COMMENT ON COLUMN purchases.metadata IS 'Of the customer, the payment intent and the session; the session overrules.';
    COMMENT ON COLUMN purchases.items IS 'Of the Checkout Session: product, price, quantity, description.';
    COMMENT ON COLUMN purchases.amount IS 'Received, minor units of currency.';
    COMMENT ON COLUMN purchases.agreed_by IS 'The access policy that its access was last decided by; null: never.';
    CREATE INDEX purchases_of_customer ON purchases (customer) WHERE customer IS NOT NULL;
    CREATE INDEX purchases_by_policy ON purchases (agreed_by, payment_intent);
  `);
  await knex.raw(`
    CREATE TABLE customers (
      account         text NOT NULL DEFAULT '',
      stripe_customer text NOT NULL CHECK (stripe_customer ~ '^cus_[A-Za-z0-9_]+$'),
      reference       text NOT NULL CHECK (length(reference) BETWEEN 1 AND 200),
      mapped_by       text NOT NULL,
      mapped_at       timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT customers_once PRIMARY KEY (account, stripe_customer)
    );
    COMMENT ON TABLE customers IS
      'Which customer of Stripe is who in the application. One reference may have several customers: a payment link makes a new one each time.';
    COMMENT ON COLUMN customers.mapped_by IS 'The payment that said so, or a person.';
    CREATE INDEX customers_by_reference ON customers (reference);
  `);
  await knex.raw(`
    CREATE TABLE access_assignments (
      cause       text CONSTRAINT access_assignments_once PRIMARY KEY,
      reference   text CHECK (length(reference) BETWEEN 1 AND 200),
      reason      text NOT NULL,
      assigned_by text NOT NULL,
      assigned_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE access_assignments IS
      'Whose something that was bought is, by the word of a person: it overrules what Stripe tells. No reference: nobody''s.';
    COMMENT ON COLUMN access_assignments.cause IS 'payment:pi_…';

    CREATE TABLE access_by_hand (
      id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      reference  text NOT NULL CHECK (length(reference) BETWEEN 1 AND 200),
      feature    text NOT NULL,
      value      jsonb,
      until      timestamptz,
      reason     text NOT NULL,
      granted_by text NOT NULL,
      granted_at timestamptz NOT NULL DEFAULT now(),
      ended_at   timestamptz,
      ended_by   text,
      end_reason text,
      CONSTRAINT access_by_hand_ended CHECK ((ended_at IS NULL) = (ended_by IS NULL))
    );
    COMMENT ON TABLE access_by_hand IS 'What a person gave to somebody, with the reason, and perhaps took back.';

    CREATE TABLE access_grants (
      cause         text NOT NULL,
      feature       text NOT NULL,
      reference     text NOT NULL,
      value         jsonb,
      until         timestamptz,
      grace_until   timestamptz,
      granted_at    timestamptz NOT NULL DEFAULT now(),
      ended_at      timestamptz,
      ended_because text,
      CONSTRAINT access_grants_once PRIMARY KEY (cause, feature)
    );
    COMMENT ON TABLE access_grants IS
      'Who may use which feature, from which cause and until when: derived, and never deleted. Several causes may grant one feature.';
    COMMENT ON COLUMN access_grants.cause IS 'payment:pi_…, hand:<id>';
    COMMENT ON COLUMN access_grants.value IS 'Of a feature that is more than yes, e.g. a number of seats.';
    COMMENT ON COLUMN access_grants.until IS 'The first moment at which it does not hold any more; null: it has no end.';
    COMMENT ON COLUMN access_grants.grace_until IS 'Until when it is kept beyond its end.';
    CREATE INDEX access_grants_of_reference ON access_grants (reference);

    CREATE TABLE access_states (
      reference  text PRIMARY KEY,
      version    bigint NOT NULL,
      changes_at timestamptz,
      features   jsonb NOT NULL,
      agreed_at  timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE access_states IS
      'What somebody may use, as the business''s systems were told with this version. What is read is decided from the grants.';
    COMMENT ON COLUMN access_states.changes_at IS 'When it changes by time alone; null: never.';
    CREATE INDEX access_states_latest ON access_states (agreed_at DESC);
    CREATE INDEX access_states_due ON access_states (changes_at) WHERE changes_at IS NOT NULL;
  `);
  await knex.raw(`
    ALTER TABLE backfill_runs
      DROP CONSTRAINT backfill_runs_phase,
      ADD CONSTRAINT backfill_runs_phase CHECK (phase IN (
        'payments', 'refunds', 'disputes', 'events', 'open_payments', 'open_adjustments', 'open_checkouts', 'open_purchases',
        'done'));
  `);
}
