import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import { nowAt } from './subscriptions.ts';
import type { TestClock } from './test-clock.ts';

/** The table `test_clocks`: what time it is for whom Stripe has stopped it. Empty in live mode. */

/** Of one that nobody knew: what is on it is judged by it from now on. @returns false when it was known; that moves by its own events */
export async function learnTestClock(trx: Knex.Transaction, clock: TestClock, from: Date): Promise<boolean> {
  const learnt = await firstRow(
    trx,
    `INSERT INTO test_clocks (id, status, frozen_time, synced_from) VALUES (:id, :status, :frozenTime, :from)
     ON CONFLICT ON CONSTRAINT test_clocks_once DO NOTHING RETURNING id`,
    { ...clock, from },
  );
  return learnt !== undefined;
}

/**
 * Writes what Stripe says. While it advances, the time of before counts: what happens on the way is not all told yet.
 * @param from when Stripe was asked; an older answer never overwrites a newer one
 * @returns whether the time is another one now
 */
export async function writeTestClock(trx: Knex.Transaction, clock: TestClock, from: Date): Promise<boolean> {
  const written = await firstRow<{ moved: boolean }>(
    trx,
    `WITH before AS (SELECT frozen_time FROM test_clocks WHERE id = :id)
     INSERT INTO test_clocks (id, status, frozen_time, synced_from) VALUES (:id, :status, :frozenTime, :from)
     ON CONFLICT ON CONSTRAINT test_clocks_once DO UPDATE SET
       status = excluded.status, synced_from = excluded.synced_from,
       frozen_time = CASE WHEN excluded.status = 'advancing' THEN test_clocks.frozen_time ELSE excluded.frozen_time END
     WHERE test_clocks.synced_from <= excluded.synced_from
     RETURNING frozen_time IS DISTINCT FROM (SELECT frozen_time FROM before) AS moved`,
    { ...clock, from },
  );
  return written?.moved ?? false;
}

/** Stripe does not have it any more. Its time stands still for good. */
export async function noteDeletedClock(trx: Knex.Transaction, id: string, from: Date): Promise<void> {
  await rows(trx, `UPDATE test_clocks SET status = 'deleted', synced_from = :from WHERE id = :id`, { id, from });
}

/** The moment at which it stands; null without a clock, or one that is not known (yet): then the time is that of everybody. */
export async function frozenTimeOf(db: Db | Knex.Transaction, testClock: string | null): Promise<Date | null> {
  if (testClock === null) return null;
  const row = await firstRow<{ frozen_time: Date }>(db, 'SELECT frozen_time FROM test_clocks WHERE id = ?', [
    testClock,
  ]);
  return row?.frozen_time ?? null;
}

/** What time it is for what is on this clock, if it is on one: Postgres's time otherwise. */
export async function timeOn(db: Db | Knex.Transaction, testClock: string | null): Promise<Date> {
  return (await frozenTimeOf(db, testClock)) ?? nowAt(db);
}
