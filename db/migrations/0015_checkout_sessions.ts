import type { Knex } from 'knex';

/**
 * An attempt that Stripe refused is over, and what a session is made of is kept until it is made. The release before this
 * one runs on it: it leaves the new columns empty and takes a refused attempt for one that is over.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE checkout_attempts
      ADD COLUMN session_params json,
      ADD COLUMN refusal text,
      DROP CONSTRAINT checkout_attempts_state,
      ADD CONSTRAINT checkout_attempts_state
        CHECK (state IN ('creating', 'open', 'processing', 'paid', 'failed', 'expired', 'refused')),
      DROP CONSTRAINT checkout_attempts_named,
      ADD CONSTRAINT checkout_attempts_named
        CHECK (state IN ('creating', 'expired', 'refused') OR stripe_session IS NOT NULL),
      ADD CONSTRAINT checkout_attempts_refused CHECK (state <> 'refused' OR refusal IS NOT NULL);
    COMMENT ON COLUMN checkout_attempts.session_params IS
      'What its session is created from, to the letter, until there is one: asked again under the same key Stripe must be asked the same. Empty where an older release began it.';
    COMMENT ON COLUMN checkout_attempts.refusal IS 'Why there is no session, in the words of Stripe.';
  `);
}
