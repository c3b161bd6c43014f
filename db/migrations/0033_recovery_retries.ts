import type { Knex } from 'knex';

/** Own tries of failed invoices, and what people decide about a recovery. The release before this one knows none of it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE subscription_payment_attempts ADD COLUMN payment_method text;
    ALTER TABLE subscription_payment_attempts ADD COLUMN card_expires text;
    COMMENT ON COLUMN subscription_payment_attempts.payment_method IS 'pm_… that was charged, as far as Stripe told.';
    COMMENT ON COLUMN subscription_payment_attempts.card_expires IS
      'Month in which the card expired as it was then, 2027-04: another one says that its data are new.';
    COMMENT ON COLUMN subscription_payment_attempts.card IS
      'Fingerprint of the card or the account: the same for the same one, typed in again or not.';

    ALTER TABLE subscription_invoices ADD COLUMN auto_advance boolean;
    COMMENT ON COLUMN subscription_invoices.auto_advance IS
      'Whether Stripe goes on with it by itself; a draft that does not stays one. Null: not asked.';

    ALTER TABLE recovery_cases ADD COLUMN retry_at timestamptz;
    ALTER TABLE recovery_cases ADD COLUMN retry_note text;
    ALTER TABLE recovery_cases ADD COLUMN ends_at timestamptz;
    ALTER TABLE recovery_cases ADD COLUMN at_end text
      CONSTRAINT recovery_cases_at_end CHECK (at_end IN ('cancel', 'pause', 'nothing'));
    ALTER TABLE recovery_cases ADD COLUMN at_end_state text
      CONSTRAINT recovery_cases_at_end_state CHECK (at_end_state IN ('due', 'done', 'not_needed', 'refused'));
    ALTER TABLE recovery_cases ADD COLUMN at_end_look_at timestamptz;
    ALTER TABLE recovery_cases ADD COLUMN stopped_at timestamptz;
    ALTER TABLE recovery_cases ADD CONSTRAINT recovery_cases_end_planned
      CHECK ((at_end IS NULL) = (at_end_state IS NULL) AND (at_end IS NULL OR state = 'ended'));
    ALTER TABLE recovery_cases DROP CONSTRAINT recovery_cases_how;
    ALTER TABLE recovery_cases ADD CONSTRAINT recovery_cases_how
      CHECK (how IN ('retry', 'customer', 'operator', 'out_of_band', 'refunded', 'cancelled', 'exhausted'));
    COMMENT ON COLUMN recovery_cases.how IS
      'How it ended. Recovered: by a retry of Stripe or of ours, by the customer (with a new card, or on a page of Stripe), by an operator here, or out of band. Ended: the debt was credited (refunded), cancelled by a person, or unpaid to the end (exhausted).';
    COMMENT ON COLUMN recovery_cases.retry_at IS 'When it is looked at next for a try of ours; null: once its card changes.';
    COMMENT ON COLUMN recovery_cases.retry_note IS 'What the last look for a try came to, in words.';
    COMMENT ON COLUMN recovery_cases.ends_at IS 'When it ends unpaid by our own plan (recovery.mode own); null: Stripe ends it.';
    COMMENT ON COLUMN recovery_cases.at_end IS 'What is to become of the subscription after an end by our own plan.';
    COMMENT ON COLUMN recovery_cases.at_end_look_at IS 'When that is tried next.';
    COMMENT ON COLUMN recovery_cases.stopped_at IS 'A person wants no more letters about it.';
    CREATE INDEX recovery_cases_retry_due ON recovery_cases (retry_at) WHERE retry_at IS NOT NULL;
    CREATE INDEX recovery_cases_ends_due ON recovery_cases (ends_at) WHERE state = 'open' AND ends_at IS NOT NULL;
    CREATE INDEX recovery_cases_at_end_due ON recovery_cases (at_end_look_at) WHERE at_end_state = 'due';
    CREATE INDEX recovery_cases_by_opening ON recovery_cases (opened_at, invoice);
    UPDATE recovery_cases SET retry_at = now() WHERE state = 'open';
  `);
  await knex.raw(`
    CREATE TABLE recovery_retries (
      id             bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT recovery_retries_pkey PRIMARY KEY,
      invoice        text NOT NULL CONSTRAINT recovery_retries_of_case REFERENCES recovery_cases,
      why            text NOT NULL CONSTRAINT recovery_retries_why CHECK (why IN ('step', 'new_card', 'operator')),
      card           text NOT NULL,
      payment_method text NOT NULL,
      asked_by       text,
      tries_before   integer NOT NULL,
      key_version    integer NOT NULL DEFAULT 1,
      state          text NOT NULL DEFAULT 'asking'
                     CONSTRAINT recovery_retries_state CHECK (state IN ('asking', 'paid', 'processing', 'declined', 'refused', 'left')),
      at             timestamptz NOT NULL,
      asked_at       timestamptz NOT NULL DEFAULT now(),
      ended_at       timestamptz,
      said           text,
      CONSTRAINT recovery_retries_ended CHECK ((state = 'asking') = (ended_at IS NULL)),
      CONSTRAINT recovery_retries_asked_by CHECK ((why = 'operator') = (asked_by IS NOT NULL))
    );
    COMMENT ON TABLE recovery_retries IS
      'Tries of ours to collect the invoice of a case. Written before Stripe is asked; whoever goes on after a crash repeats it under its key, or finds that it was made.';
    COMMENT ON COLUMN recovery_retries.why IS 'A step of the policy (recovery.mode own), a card that is new, or a person of the business.';
    COMMENT ON COLUMN recovery_retries.card IS 'Fingerprint, or where there is none the payment method.';
    COMMENT ON COLUMN recovery_retries.tries_before IS 'Failed tries of this card for this invoice that were known before: one more says that it was made.';
    COMMENT ON COLUMN recovery_retries.key_version IS 'Part of the idempotency key: raised when Stripe repeats a failure of its own under it.';
    COMMENT ON COLUMN recovery_retries.state IS
      'processing: given, and the bank takes its days. refused: Stripe does not take such a try at all. left: it was not made, since things had changed; it may be decided anew.';
    COMMENT ON COLUMN recovery_retries.at IS 'The moment that counts for steps and caps: asked_at, or where a test clock stops the time, what it says.';
    COMMENT ON COLUMN recovery_retries.said IS 'What came of it, in words.';
    CREATE UNIQUE INDEX recovery_retries_one_at_a_time ON recovery_retries (invoice) WHERE state = 'asking';
    CREATE UNIQUE INDEX recovery_retries_new_card_once ON recovery_retries (invoice, card) WHERE why = 'new_card' AND state <> 'left';
    CREATE INDEX recovery_retries_of ON recovery_retries (invoice, at);
  `);
  await knex.raw(`
    CREATE TABLE recovery_unsubscribed (
      customer text CONSTRAINT recovery_unsubscribed_once PRIMARY KEY,
      since    timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE recovery_unsubscribed IS
      'Customers at Stripe who get no letters about failed payments, because a person said so. Who and why is in audit_log.';

    CREATE TABLE stripe_settings_confirmed (
      setting      text CONSTRAINT stripe_settings_confirmed_once PRIMARY KEY
                   CONSTRAINT stripe_settings_confirmed_setting CHECK (setting IN ('no_mails_of_stripe', 'leave_past_due')),
      confirmed_at timestamptz NOT NULL DEFAULT now(),
      confirmed_by text NOT NULL
    );
    COMMENT ON TABLE stripe_settings_confirmed IS
      'Settings of the account that the API does not tell: a person has looked at them in the Dashboard.';
  `);
  await knex.raw(`
    CREATE VIEW recovery_figures AS
    SELECT date_trunc('month', first_failed_at AT TIME ZONE 'UTC')::date AS month, currency, decline_class, state, how,
           count(*) AS cases, sum(amount) AS failed, sum(recovered) AS recovered,
           sum((SELECT count(DISTINCT message_key) FROM recovery_letters l WHERE l.invoice = c.invoice)) AS letters
    FROM recovery_cases c GROUP BY 1, 2, 3, 4, 5;
    COMMENT ON VIEW recovery_figures IS
      'Cases by the month (UTC) of the first failure, currency, class of the latest decline, and how they ended. failed: what was open when a case began; recovered: what was paid of it before it ended, minor units.';
  `);
}
