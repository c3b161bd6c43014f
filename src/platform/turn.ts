import { randomUUID } from 'node:crypto';
import { type Db, firstRow, rows } from './db.ts';
import { BusyError } from './errors.ts';
import { busyRetryMs } from './lease.ts';

/** Longer than a few requests take. Whoever is slower works beside the next one: a turn spares work, and guards nothing. */
const TURN_SECONDS = 30;

/**
 * One process at a time, for a short while, where two would do no harm but the same work twice. A row of the table `leases`,
 * neither renewed nor looked at again.
 * @param what the subject in words, for the error
 * @throws BusyError while it is the turn of another
 */
export async function takingTurns<T>(db: Db, subject: string, what: string, work: () => Promise<T>): Promise<T> {
  const owner = randomUUID();
  const taken = await firstRow(
    db,
    `INSERT INTO leases (subject, owner, since, until)
     VALUES (:subject, :owner, now(), now() + make_interval(secs => :seconds))
     ON CONFLICT (subject) DO UPDATE SET owner = excluded.owner, since = excluded.since, until = excluded.until
       WHERE leases.until < now()
     RETURNING subject`,
    { subject, owner, seconds: TURN_SECONDS },
  );
  if (!taken) throw new BusyError(`Another worker is on ${what}`, busyRetryMs());
  try {
    return await work();
  } finally {
    // If Postgres is away the turn is over by itself; the error of the work must not be hidden by this one.
    await rows(db, 'DELETE FROM leases WHERE subject = :subject AND owner = :owner', { subject, owner }).catch(
      () => [],
    );
  }
}
