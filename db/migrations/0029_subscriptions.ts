import type { Knex } from 'knex';

/** Mirrors of Stripe's subscriptions and of all that is decided from them. The release before this one knows none of it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE products (
      id          text CONSTRAINT products_once PRIMARY KEY,
      name        text NOT NULL,
      active      boolean NOT NULL,
      synced_from timestamptz NOT NULL
    );
    COMMENT ON TABLE products IS 'Products of Stripe that something was sold of, as they are called now.';

    CREATE TABLE prices (
      id             text CONSTRAINT prices_once PRIMARY KEY,
      product        text NOT NULL,
      lookup_key     text,
      active         boolean NOT NULL,
      currency       text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
      unit_amount    bigint,
      interval       text CONSTRAINT prices_interval CHECK (interval IN ('day', 'week', 'month', 'year')),
      interval_count integer,
      usage_type     text CONSTRAINT prices_usage_type CHECK (usage_type IN ('licensed', 'metered')),
      synced_from    timestamptz NOT NULL
    );
    COMMENT ON TABLE prices IS 'Prices of Stripe that something was sold at. A plan of the policy names them by id, lookup key or product.';
    COMMENT ON COLUMN prices.unit_amount IS 'Minor units of currency; null: it is not a whole number, or depends on the quantity.';
    COMMENT ON COLUMN prices.interval IS 'Null: it is paid once.';
    CREATE INDEX prices_by_product ON prices (product);
  `);
  await knex.raw(`
    CREATE TABLE subscriptions (
      id                     text CONSTRAINT subscriptions_once PRIMARY KEY CHECK (id ~ '^sub_[A-Za-z0-9_]+$'),
      customer               text NOT NULL,
      livemode               boolean NOT NULL,
      status                 text NOT NULL CONSTRAINT subscriptions_status CHECK (status IN
                             ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'unpaid', 'canceled', 'paused')),
      collection_method      text NOT NULL CONSTRAINT subscriptions_collection
                             CHECK (collection_method IN ('charge_automatically', 'send_invoice')),
      billing_mode           text NOT NULL,
      currency               text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
      cancel_at_period_end   boolean NOT NULL,
      cancel_at              timestamptz,
      canceled_at            timestamptz,
      ended_at               timestamptz,
      trial_start            timestamptz,
      trial_end              timestamptz,
      after_trial            text NOT NULL CONSTRAINT subscriptions_after_trial
                             CHECK (after_trial IN ('create_invoice', 'cancel', 'pause')),
      pause_collection       text,
      pause_resumes_at       timestamptz,
      pending_update_until   timestamptz,
      schedule               text,
      default_payment_method text,
      latest_invoice         text,
      test_clock             text,
      session                text,
      said_reference         text,
      session_metadata       jsonb NOT NULL DEFAULT '{}',
      metadata               jsonb NOT NULL DEFAULT '{}',
      email                  text,
      created                timestamptz NOT NULL,
      synced_from            timestamptz NOT NULL,
      agreed_by              text
    );
    COMMENT ON TABLE subscriptions IS
      'What Stripe says of each subscription: the application asks here. Written whole, from one answer of Stripe.';
    COMMENT ON COLUMN subscriptions.after_trial IS 'What Stripe does at the end of the trial without a payment method; else create_invoice.';
    COMMENT ON COLUMN subscriptions.pause_collection IS 'How invoices are treated while their collection is paused; null: it is not. The status stays active.';
    COMMENT ON COLUMN subscriptions.pending_update_until IS 'A change waits for its payment until then; what is used meanwhile is what was paid.';
    COMMENT ON COLUMN subscriptions.said_reference IS 'client_reference_id of the Checkout Session in which it began.';
    COMMENT ON COLUMN subscriptions.metadata IS 'Of the session, the customer and the subscription; the later overrules, and what was removed at Stripe is gone.';
    COMMENT ON COLUMN subscriptions.synced_from IS 'Stripe was asked then, or a moment later: what had happened before is in it. An older answer never overwrites it.';
    COMMENT ON COLUMN subscriptions.agreed_by IS 'The access policy that its access was last decided by; null: never.';
    CREATE INDEX subscriptions_of_customer ON subscriptions (customer);
    CREATE INDEX subscriptions_by_policy ON subscriptions (agreed_by, id);
    CREATE INDEX subscriptions_latest ON subscriptions (created DESC, id DESC);

    CREATE TABLE subscription_items (
      id           text CONSTRAINT subscription_items_once PRIMARY KEY,
      subscription text NOT NULL CONSTRAINT subscription_items_of_subscription REFERENCES subscriptions ON DELETE CASCADE,
      price        text NOT NULL CONSTRAINT subscription_items_at_price REFERENCES prices,
      quantity     bigint,
      period_start timestamptz NOT NULL,
      period_end   timestamptz NOT NULL
    );
    COMMENT ON TABLE subscription_items IS 'What a subscription is over, as of its last answer. Their periods may differ.';
    COMMENT ON COLUMN subscription_items.quantity IS 'Null for what is metered.';
    CREATE INDEX subscription_items_of ON subscription_items (subscription);
    CREATE INDEX subscription_items_by_price ON subscription_items (price);
  `);
  await knex.raw(`
    CREATE TABLE subscription_invoices (
      id                   text CONSTRAINT subscription_invoices_once PRIMARY KEY,
      subscription         text NOT NULL CONSTRAINT subscription_invoices_of_subscription REFERENCES subscriptions,
      number               text,
      status               text NOT NULL CONSTRAINT subscription_invoices_status
                           CHECK (status IN ('draft', 'open', 'paid', 'void', 'uncollectible')),
      billing_reason       text,
      collection_method    text NOT NULL CONSTRAINT subscription_invoices_collection
                           CHECK (collection_method IN ('charge_automatically', 'send_invoice')),
      currency             text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
      total                bigint NOT NULL,
      amount_due           bigint NOT NULL,
      amount_paid          bigint NOT NULL,
      amount_remaining     bigint NOT NULL,
      attempt_count        integer NOT NULL,
      next_payment_attempt timestamptz,
      due_date             timestamptz,
      hosted_invoice_url   text,
      created              timestamptz NOT NULL,
      finalized_at         timestamptz,
      paid_at              timestamptz,
      synced_from          timestamptz NOT NULL
    );
    COMMENT ON TABLE subscription_invoices IS 'Invoices that Stripe made for subscriptions, as it says of them. Amounts in minor units of currency.';
    CREATE INDEX subscription_invoices_of ON subscription_invoices (subscription, created DESC);

    CREATE TABLE subscription_invoice_lines (
      id           text NOT NULL,
      invoice      text NOT NULL CONSTRAINT subscription_invoice_lines_of_invoice REFERENCES subscription_invoices ON DELETE CASCADE,
      item         text,
      price        text,
      quantity     bigint,
      amount       bigint NOT NULL,
      proration    boolean NOT NULL,
      period_start timestamptz NOT NULL,
      period_end   timestamptz NOT NULL,
      CONSTRAINT subscription_invoice_lines_once PRIMARY KEY (invoice, id)
    );
    COMMENT ON TABLE subscription_invoice_lines IS 'What an invoice of a subscription is over: which item, at which price, for which time.';
    COMMENT ON COLUMN subscription_invoice_lines.item IS 'si_…; null: of no item.';
  `);
  await knex.raw(`
    CREATE TABLE checkouts (
      id          text CONSTRAINT checkouts_once PRIMARY KEY CHECK (id ~ '^co_[a-z0-9]+$'),
      reference   text NOT NULL CHECK (length(reference) BETWEEN 1 AND 200),
      slot        text NOT NULL,
      wanted      text NOT NULL,
      params      jsonb NOT NULL,
      state       text NOT NULL DEFAULT 'opening' CONSTRAINT checkouts_state
                  CHECK (state IN ('opening', 'open', 'complete', 'expired', 'refused')),
      session     text CONSTRAINT checkouts_session_once UNIQUE,
      url         text,
      opened_by   text NOT NULL,
      created_at  timestamptz NOT NULL DEFAULT now(),
      closed_at   timestamptz,
      CONSTRAINT checkouts_open CHECK (state <> 'open' OR (session IS NOT NULL AND url IS NOT NULL)),
      CONSTRAINT checkouts_closed CHECK ((state IN ('opening', 'open')) = (closed_at IS NULL))
    );
    COMMENT ON TABLE checkouts IS 'Checkout Sessions that were opened for somebody of the application: one at a time for each slot.';
    COMMENT ON COLUMN checkouts.slot IS 'What nobody should buy twice at the same time: subscription, or the product that is paid once.';
    COMMENT ON COLUMN checkouts.wanted IS 'What was asked for, as a hash: the same again leads to the same page.';
    COMMENT ON COLUMN checkouts.params IS 'What the session is made of: made again after a crash it is the same.';
    CREATE UNIQUE INDEX checkouts_one_open ON checkouts (reference, slot) WHERE state IN ('opening', 'open');
  `);
  await knex.raw(`
    ALTER TABLE access_grants ADD COLUMN bridged_until timestamptz;
    COMMENT ON COLUMN access_grants.bridged_until IS
      'Until when it is kept while what follows is on its way: a renewal that is not paid yet, and has not failed.';

    CREATE INDEX payments_by_foreign_invoice ON payments (foreign_invoice) WHERE foreign_invoice IS NOT NULL;

    ALTER TABLE stripe_events ADD COLUMN subscription text;
    COMMENT ON COLUMN stripe_events.subscription IS 'The subscription that it was found to be about.';
  `);
}
