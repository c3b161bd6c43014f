import type { Outcome } from '../../stripe/inbox/events.ts';
import type { EventDeps } from '../deps/deps.ts';
import { closeCheckoutOf } from './checkouts.ts';
import { noteEnd } from './sessions.ts';

/** What an event says of the end of a checkout: by its type alone, since an end is never followed by another. */
export interface SessionEnd {
  /** cs_… */
  readonly session: string;
  readonly status: 'complete' | 'expired';
}

/**
 * After what was bought is on record: as long as our page counts as open, nobody buys the same again. A process that dies before
 * this leaves the page to `closeEnded`.
 * @param bring what is done about what was sold; undefined: nothing was
 */
export async function endSession(
  { session, status }: SessionEnd,
  bring: ((deps: EventDeps) => Promise<Outcome>) | undefined,
  nothing: string,
  deps: EventDeps,
): Promise<Outcome> {
  const end = await bring?.(deps);
  await noteEnd(deps.db, session, status);
  const isClosed = await closeCheckoutOf(deps.db, session, status);
  if (end) return end;
  return isClosed
    ? { outcome: 'processed', reason: `the checkout is ${status}` }
    : { outcome: 'ignored', reason: nothing };
}
