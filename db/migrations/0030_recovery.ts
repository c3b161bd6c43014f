import type { Knex } from 'knex';

/** Failed payments of subscriptions, and what is done about them. The release before this one knows none of it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE subscriptions ADD COLUMN cancellation_reason text;
    COMMENT ON COLUMN subscriptions.cancellation_reason IS
      'Why it was canceled, in the word of Stripe: payment_failed is the end of its tries. Null: it was not, or nobody said.';

    ALTER TABLE subscription_invoices ADD COLUMN amount_off_stripe bigint;
    COMMENT ON COLUMN subscription_invoices.amount_off_stripe IS 'Paid elsewhere, as somebody said at Stripe: out of band. Null: not asked.';
  `);
  await knex.raw(`
    CREATE TABLE subscription_payment_attempts (
      id                  text NOT NULL,
      invoice             text NOT NULL CONSTRAINT subscription_payment_attempts_of_invoice REFERENCES subscription_invoices,
      payment_intent      text,
      at                  timestamptz NOT NULL,
      code                text,
      reason              text,
      advice_code         text,
      network_advice_code text,
      requires_action     boolean NOT NULL,
      card                text,
      CONSTRAINT subscription_payment_attempts_once PRIMARY KEY (id)
    );
    COMMENT ON TABLE subscription_payment_attempts IS
      'Tries to collect an invoice of a subscription that failed, whoever made them, as Stripe tells of each. Never changed.';
    COMMENT ON COLUMN subscription_payment_attempts.id IS
      'The charge (ch_…, py_…); where there was none, for want of a card or of its owner, the invoice and the number of the try.';
    COMMENT ON COLUMN subscription_payment_attempts.code IS 'failure_code of the charge, in the word of Stripe.';
    COMMENT ON COLUMN subscription_payment_attempts.reason IS 'Of its outcome: the decline code of the bank, or a block of Stripe.';
    COMMENT ON COLUMN subscription_payment_attempts.requires_action IS 'The payment waits for its customer.';
    COMMENT ON COLUMN subscription_payment_attempts.card IS 'Fingerprint: the same for the same card, typed in again or not.';
    CREATE INDEX subscription_payment_attempts_of ON subscription_payment_attempts (invoice, at);
  `);
  await knex.raw(`
    CREATE TABLE recovery_cases (
      invoice         text CONSTRAINT recovery_cases_once PRIMARY KEY
                      CONSTRAINT recovery_cases_of_invoice REFERENCES subscription_invoices,
      subscription    text NOT NULL CONSTRAINT recovery_cases_of_subscription REFERENCES subscriptions,
      customer        text NOT NULL,
      state           text NOT NULL CONSTRAINT recovery_cases_state CHECK (state IN ('open', 'recovered', 'ended')),
      how             text CONSTRAINT recovery_cases_how
                      CHECK (how IN ('retry', 'customer', 'out_of_band', 'refunded', 'cancelled', 'exhausted')),
      currency        text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
      amount          bigint NOT NULL CHECK (amount >= 0),
      recovered       bigint NOT NULL DEFAULT 0,
      first_failed_at timestamptz NOT NULL,
      last_failed_at  timestamptz NOT NULL,
      given_up_at     timestamptz,
      attempt_count   integer NOT NULL,
      decline_class   text NOT NULL,
      decline_code    text,
      opened_at       timestamptz NOT NULL DEFAULT now(),
      ended_at        timestamptz,
      look_at         timestamptz DEFAULT now(),
      CONSTRAINT recovery_cases_ended CHECK ((state = 'open') = (how IS NULL) AND (state = 'open') = (ended_at IS NULL))
    );
    COMMENT ON TABLE recovery_cases IS
      'An invoice of a subscription whose payment failed, from the first failure to its end: one case for each, and it never opens again.';
    COMMENT ON COLUMN recovery_cases.how IS
      'How it ended. Recovered: by a retry of Stripe, by somebody who paid at Stripe (customer), or out of band. Ended: the debt was credited (refunded), cancelled by a person, or unpaid to the end (exhausted).';
    COMMENT ON COLUMN recovery_cases.amount IS 'Open when it was first seen as failed, minor units of currency.';
    COMMENT ON COLUMN recovery_cases.recovered IS 'Paid of it, at Stripe or elsewhere, minor units of currency.';
    COMMENT ON COLUMN recovery_cases.given_up_at IS 'The failure after which Stripe plans no further try.';
    COMMENT ON COLUMN recovery_cases.attempt_count IS 'Of Stripe, when it was last seen open: a payment with a higher one was a retry.';
    COMMENT ON COLUMN recovery_cases.decline_class IS 'What the latest decline stands for, in the words of src/billing/recovery/decline-codes.ts.';
    COMMENT ON COLUMN recovery_cases.decline_code IS 'Of the latest decline, as Stripe told it.';
    COMMENT ON COLUMN recovery_cases.opened_at IS 'When it was found here.';
    COMMENT ON COLUMN recovery_cases.look_at IS 'When it is looked at next for a letter, or its end; null: never again by itself.';
    CREATE INDEX recovery_cases_due ON recovery_cases (look_at) WHERE look_at IS NOT NULL;
    CREATE INDEX recovery_cases_given_up ON recovery_cases (given_up_at) WHERE state = 'open' AND given_up_at IS NOT NULL;
    CREATE INDEX recovery_cases_of_customer ON recovery_cases (customer);
    CREATE INDEX recovery_cases_by_subscription ON recovery_cases (subscription);
    CREATE INDEX recovery_cases_by_month ON recovery_cases (first_failed_at);

    CREATE TABLE recovery_letters (
      id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      invoice     text NOT NULL CONSTRAINT recovery_letters_of_case REFERENCES recovery_cases,
      customer    text NOT NULL,
      kind        text NOT NULL CONSTRAINT recovery_letters_kind CHECK (kind IN ('failed', 'reminder', 'warning', 'ended')),
      at          timestamptz NOT NULL DEFAULT now(),
      message_key text NOT NULL,
      CONSTRAINT recovery_letters_once UNIQUE (invoice, message_key)
    );
    COMMENT ON TABLE recovery_letters IS
      'What a customer was written about which case. A letter that tells several cases stands here once for each.';
    COMMENT ON COLUMN recovery_letters.message_key IS 'dedupe_key of the message: the same for all cases that it tells.';
    CREATE INDEX recovery_letters_to_customer ON recovery_letters (customer, at);
  `);
}
