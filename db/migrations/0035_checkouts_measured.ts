import type { Knex } from 'knex';

/** Which checkouts come to their end. The release before this one knows none of it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE checkout_sessions (
      id             text CONSTRAINT checkout_sessions_once PRIMARY KEY CHECK (id ~ '^cs_[A-Za-z0-9_]+$'),
      mode           text NOT NULL CONSTRAINT checkout_sessions_mode CHECK (mode IN ('payment', 'subscription')),
      status         text NOT NULL CONSTRAINT checkout_sessions_status CHECK (status IN ('open', 'complete', 'expired')),
      payment_status text NOT NULL CONSTRAINT checkout_sessions_payment_status
                     CHECK (payment_status IN ('paid', 'unpaid', 'no_payment_required')),
      payment        text NOT NULL DEFAULT 'none' CONSTRAINT checkout_sessions_payment
                     CHECK (payment IN ('none', 'failed', 'under_way', 'succeeded')),
      failure_code   text,
      payment_intent text,
      subscription   text,
      customer       text,
      created        timestamptz NOT NULL,
      expires_at     timestamptz NOT NULL,
      ended_at       timestamptz,
      told_at        timestamptz,
      outcome        text NOT NULL DEFAULT 'open' CONSTRAINT checkout_sessions_outcome
                     CHECK (outcome IN ('open', 'pending', 'succeeded', 'failed', 'abandoned', 'left_out')),
      reason         text,
      decided_at     timestamptz NOT NULL DEFAULT now(),
      look_at        timestamptz DEFAULT now(),
      CONSTRAINT checkout_sessions_ended CHECK ((status = 'open') = (ended_at IS NULL)),
      CONSTRAINT checkout_sessions_reason CHECK ((outcome IN ('pending', 'failed')) = (reason IS NOT NULL))
    );
    COMMENT ON TABLE checkout_sessions IS
      'Checkout Sessions of the account in which something is sold, whoever has opened them, with what became of each. Of mode setup there are none.';
    COMMENT ON COLUMN checkout_sessions.payment IS 'How far a payment has come in it, as Stripe told; none: nobody has tried.';
    COMMENT ON COLUMN checkout_sessions.failure_code IS 'Of the latest declined try, in the word of Stripe or the bank.';
    COMMENT ON COLUMN checkout_sessions.ended_at IS 'When it was first seen as not open here.';
    COMMENT ON COLUMN checkout_sessions.told_at IS 'Stripe was asked then, or a moment later; null: only our own page or an event has spoken of it.';
    COMMENT ON COLUMN checkout_sessions.outcome IS 'Decided by src/billing/checkouts/session-outcome.ts.';
    COMMENT ON COLUMN checkout_sessions.reason IS 'Why it has failed, or what it waits for.';
    COMMENT ON COLUMN checkout_sessions.decided_at IS 'Since when outcome and reason are these.';
    COMMENT ON COLUMN checkout_sessions.look_at IS 'When it is decided again; null: when there is news of it.';
    CREATE INDEX checkout_sessions_by_time ON checkout_sessions (created DESC, id DESC);
    CREATE INDEX checkout_sessions_due ON checkout_sessions (look_at) WHERE look_at IS NOT NULL;
    CREATE INDEX checkout_sessions_decided ON checkout_sessions (decided_at DESC) WHERE outcome IN ('succeeded', 'failed');
    CREATE INDEX checkout_sessions_of_customer ON checkout_sessions (customer, created) WHERE mode = 'subscription';
    CREATE INDEX checkout_sessions_failed ON checkout_sessions (created DESC, id DESC) WHERE outcome = 'failed';

    CREATE TABLE checkout_walk (
      only_one     boolean CONSTRAINT checkout_walk_once PRIMARY KEY DEFAULT true CHECK (only_one),
      counted_from timestamptz NOT NULL DEFAULT now(),
      known_until  timestamptz NOT NULL DEFAULT now(),
      since        timestamptz,
      began_at     timestamptz,
      after        text,
      step         bigint NOT NULL DEFAULT 0,
      due_at       timestamptz NOT NULL DEFAULT now() + interval '1 hour',
      taken_until  timestamptz,
      CONSTRAINT checkout_walk_whole CHECK ((since IS NULL) = (began_at IS NULL))
    );
    COMMENT ON TABLE checkout_walk IS 'How far Stripe''s list of Checkout Sessions was walked through: one row.';
    COMMENT ON COLUMN checkout_walk.counted_from IS 'Sessions that were opened before are not measured: their documents may have been made elsewhere.';
    COMMENT ON COLUMN checkout_walk.known_until IS 'What was opened before then is known: the beginning of the last walk that has come to its end.';
    COMMENT ON COLUMN checkout_walk.since IS 'Of the walk under way: it ends with what was opened then. Null: none is.';
    COMMENT ON COLUMN checkout_walk.after IS 'Of the walk under way: the session after which it goes on.';
    COMMENT ON COLUMN checkout_walk.taken_until IS 'A process is at the next page, or has failed at it a moment ago.';
    INSERT INTO checkout_walk DEFAULT VALUES;

    CREATE INDEX checkouts_by_time ON checkouts (created_at);
    CREATE INDEX checkout_attempts_by_time ON checkout_attempts (created_at);
    CREATE INDEX subscriptions_by_session ON subscriptions (session) WHERE session IS NOT NULL;
  `);
  await knex.raw(`
    CREATE VIEW checkout_figures_by_day AS
    SELECT cast(created AT TIME ZONE 'UTC' AS date) AS day,
           count(*) AS opened,
           count(*) FILTER (WHERE status = 'complete') AS completed,
           count(*) FILTER (WHERE outcome = 'succeeded') AS succeeded,
           count(*) FILTER (WHERE outcome = 'failed') AS failed,
           count(*) FILTER (WHERE outcome IN ('open', 'pending')) AS pending,
           count(*) FILTER (WHERE outcome = 'abandoned') AS abandoned,
           count(*) FILTER (WHERE outcome = 'left_out') AS left_out
    FROM checkout_sessions GROUP BY 1;
    COMMENT ON VIEW checkout_figures_by_day IS
      'By the day (UTC) on which a session was opened. Success is succeeded / (succeeded + failed), conversion completed / opened: docs/checkouts.md.';

    CREATE VIEW checkout_figures_by_month AS
    SELECT cast(date_trunc('month', day) AS date) AS month,
           cast(sum(opened) AS bigint) AS opened, cast(sum(completed) AS bigint) AS completed,
           cast(sum(succeeded) AS bigint) AS succeeded, cast(sum(failed) AS bigint) AS failed,
           cast(sum(pending) AS bigint) AS pending, cast(sum(abandoned) AS bigint) AS abandoned,
           cast(sum(left_out) AS bigint) AS left_out,
           round(100.0 * sum(succeeded) / nullif(sum(succeeded) + sum(failed), 0), 2) AS success_percent,
           round(100.0 * sum(completed) / sum(opened), 2) AS conversion_percent
    FROM checkout_figures_by_day GROUP BY 1;
    COMMENT ON VIEW checkout_figures_by_month IS 'The same by month.';

    CREATE VIEW checkout_failures_by_month AS
    SELECT cast(date_trunc('month', created AT TIME ZONE 'UTC') AS date) AS month, reason, failure_code, count(*) AS failed
    FROM checkout_sessions WHERE outcome = 'failed' GROUP BY 1, 2, 3;
    COMMENT ON VIEW checkout_failures_by_month IS 'Why checkouts have failed, by the month (UTC) in which they were opened.';
  `);
}
