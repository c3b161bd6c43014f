import type { JobQueues } from '../jobs/enqueue.ts';
import { giveBack, takeDue } from '../messages/messages.ts';
import type { Db } from '../platform/db.ts';

/**
 * Moves messages that are due from the outbox in Postgres to the queue of the senders. Any number may run. A signal that
 * gets lost is given again a minute later.
 */
const BATCH = 200;

/** One round. @returns how many messages were signalled */
export async function relayOnce(db: Db, jobs: JobQueues): Promise<number> {
  const due = await takeDue(db, BATCH);
  if (due.length === 0) return 0;
  try {
    await jobs.enqueueMessages(due);
  } catch (error) {
    // Redis is away, or not there yet: without this the messages would count as signalled for a minute.
    await giveBack(db, due);
    throw error;
  }
  return due.length;
}
