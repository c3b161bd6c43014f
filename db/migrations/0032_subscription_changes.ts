import type { Knex } from 'knex';

/** Changes of subscriptions that somebody has confirmed: a row each before Stripe is asked, so that none is made twice. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE subscription_changes (
      id             text CONSTRAINT subscription_changes_pkey PRIMARY KEY CHECK (id ~ '^chg_[a-z0-9]+$'),
      subscription   text NOT NULL CONSTRAINT subscription_changes_of REFERENCES subscriptions,
      wanted         text NOT NULL,
      takes_effect   text NOT NULL CONSTRAINT subscription_changes_takes_effect CHECK (takes_effect IN ('now', 'period_end')),
      params         jsonb NOT NULL,
      proration_date bigint,
      currency       text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
      due_now        bigint NOT NULL CHECK (due_now >= 0),
      total          bigint NOT NULL,
      invoice_before text,
      state          text NOT NULL DEFAULT 'asking' CONSTRAINT subscription_changes_state
                     CHECK (state IN ('asking', 'done', 'refused', 'dropped')),
      key_version    integer NOT NULL DEFAULT 1,
      schedule       text,
      outcome        text CONSTRAINT subscription_changes_outcome CHECK (outcome IN ('applied', 'waiting', 'scheduled')),
      invoice        text,
      charged_due    bigint,
      charged_total  bigint,
      pay_url        text,
      effect_at      timestamptz,
      changed_by     text NOT NULL,
      asked_at       timestamptz NOT NULL DEFAULT now(),
      ended_at       timestamptz,
      CONSTRAINT subscription_changes_ended CHECK ((state = 'asking') = (ended_at IS NULL)),
      CONSTRAINT subscription_changes_done CHECK ((state = 'done') = (outcome IS NOT NULL))
    );
    COMMENT ON TABLE subscription_changes IS 'Changes of plan or quantity that somebody has confirmed. Written before Stripe is asked.';
    COMMENT ON COLUMN subscription_changes.wanted IS 'What was confirmed, as a hash: the same again is the same change.';
    COMMENT ON COLUMN subscription_changes.params IS 'What Stripe is asked: asked again after a crash it is the same.';
    COMMENT ON COLUMN subscription_changes.proration_date IS 'From when it counts, in seconds; null: nothing is prorated.';
    COMMENT ON COLUMN subscription_changes.due_now IS 'As it was previewed, in minor units of currency; charged_due is what the invoice says.';
    COMMENT ON COLUMN subscription_changes.invoice_before IS 'The latest invoice before it: another one is that of the change.';
    COMMENT ON COLUMN subscription_changes.state IS 'dropped: it was not made, and is not made any more.';
    COMMENT ON COLUMN subscription_changes.effect_at IS 'Of a scheduled one its moment; of a waiting one the last moment to pay it, null where there is none.';
    CREATE UNIQUE INDEX subscription_changes_one_at_a_time ON subscription_changes (subscription) WHERE state = 'asking';
    CREATE UNIQUE INDEX subscription_changes_once ON subscription_changes (subscription, wanted)
      WHERE proration_date IS NOT NULL AND state IN ('asking', 'done');
    CREATE INDEX subscription_changes_of_subscription ON subscription_changes (subscription, asked_at DESC);
  `);
}
