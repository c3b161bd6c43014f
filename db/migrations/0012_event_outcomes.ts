import type { Knex } from 'knex';

/**
 * Counters of outcomes that begin at zero: counting what is stored would hold up the receiver for as long as that takes.
 * Triggers, because the release before this one counts as well, and a correction by hand. A trigger whose WHEN is false
 * costs an arriving event next to nothing (docs/decisions/0014-figures-from-counts.md).
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE event_outcomes (
      outcome text NOT NULL,
      events  bigint NOT NULL
    );
    COMMENT ON TABLE event_outcomes IS
      'How many outcomes events were given: a row for each at first, which the maintenance worker adds up. The sum counts, not the rows.';

    CREATE FUNCTION note_event_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO event_outcomes (outcome, events) VALUES (NEW.outcome, 1);
      RETURN NULL;
    END $$;
    CREATE TRIGGER event_outcome_at_arrival AFTER INSERT ON stripe_events FOR EACH ROW
      WHEN (NEW.outcome IS NOT NULL) EXECUTE FUNCTION note_event_outcome();
    CREATE TRIGGER event_outcome_given AFTER UPDATE OF outcome ON stripe_events FOR EACH ROW
      WHEN (NEW.outcome IS NOT NULL AND NEW.outcome IS DISTINCT FROM OLD.outcome) EXECUTE FUNCTION note_event_outcome();
  `);
}
