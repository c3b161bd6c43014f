import { knownTypes } from '../../src/billing/stripe-events.ts';
import type { Db } from '../../src/platform/db.ts';
import { type Attempt, takeUp } from '../../src/stripe/inbox/events.ts';

/** As a worker begins one. */
export async function beginAttempt(
  db: Db,
  eventId: string,
  worker: string,
  stripeCalls: () => number,
): Promise<Attempt> {
  const taken = await takeUp(db, eventId, worker, knownTypes);
  if (taken?.attempt == null) throw new Error(`no attempt at ${eventId} was begun`);
  return { id: taken.attempt, eventId, stripeCalls };
}
