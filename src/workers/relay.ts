import type { JobQueues } from '../jobs/enqueue.ts';
import { takeDue } from '../messages/messages.ts';
import type { Db } from '../platform/db.ts';

/**
 * Moves messages that are due from the outbox in Postgres to the queue of the senders. Any number may run. A signal that
 * gets lost is given again a minute later.
 */
const BATCH = 200;

/** One round. @returns how many messages were signalled */
export async function relayOnce(db: Db, jobs: JobQueues): Promise<number> {
  const due = await takeDue(db, BATCH);
  if (due.length > 0) await jobs.enqueueMessages(due);
  return due.length;
}
