import { type Db, rows } from '../../platform/db.ts';

/**
 * The table `event_outcomes`: how many outcomes events were given since there is this table. Triggers of the database write
 * its rows, whichever release or hand changes an event; here they are added up. Adding up twice at once does no harm: a row
 * is taken away by one, who puts its number back in the same statement.
 */
export type CountedOutcome = 'processed' | 'ignored' | 'review';

/** An event whose outcome changed counts once under each. Zero where there was none. */
export async function outcomesGiven(db: Db): Promise<Record<CountedOutcome, number>> {
  const counted = await rows<{ outcome: CountedOutcome; events: number }>(
    db,
    'SELECT outcome, sum(events)::bigint AS events FROM event_outcomes GROUP BY outcome',
  );
  return {
    processed: 0,
    ignored: 0,
    review: 0,
    ...Object.fromEntries(counted.map(({ outcome, events }) => [outcome, events])),
  };
}

/** Fewer rows are read in no time. */
const WORTH_ADDING_UP = 100;

export async function addUpOutcomes(db: Db, atLeast = WORTH_ADDING_UP): Promise<void> {
  await rows(
    db,
    `WITH taken AS (
       DELETE FROM event_outcomes WHERE (SELECT count(*) FROM event_outcomes) >= :atLeast RETURNING outcome, events)
     INSERT INTO event_outcomes (outcome, events) SELECT outcome, sum(events) FROM taken GROUP BY outcome`,
    { atLeast },
  );
}
