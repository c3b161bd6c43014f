import type { Db } from '../../platform/db.ts';
import { messageOf } from '../../platform/log.ts';
import { fetchSessions } from '../../stripe/checkout-sessions.ts';
import { isMissing } from '../../stripe/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { syncSubscription } from '../subscriptions/sync-subscription.ts';
import { closeCheckoutOf } from './checkouts.ts';
import { looksAgainAfter, sessionOutcome } from './session-outcome.ts';
import { endedCheckouts, enrolOwn, lockDue, writeOutcome, writeTold } from './sessions.ts';
import { toldSession } from './told-session.ts';
import { beginAgain, saveStep, takeStep } from './walk.ts';

/** What is done every so often about checkouts. Any number of processes may do it. */

const AT_ONCE = 200;
/** Each may cost a few requests. */
const CLOSED_AT_ONCE = 20;

/**
 * A page of Stripe's list, if one is due: of what is opened elsewhere nobody tells us, nor of what has ended while our endpoint was
 * away. The page is written before the step is saved, and may be written twice.
 * @returns how many sessions it had
 */
export async function walkSessions({ db, stripe }: Pick<Deps, 'db' | 'stripe'>): Promise<number> {
  const step = await takeStep(db);
  if (!step) return 0;
  try {
    const { data, has_more } = await fetchSessions(stripe, step.since, step.after);
    await writeTold(
      db,
      data.flatMap((session) => toldSession(session) ?? []),
      step.from,
    );
    await saveStep(db, step.step, has_more ? (data.at(-1)?.id ?? null) : null);
    return data.length;
  } catch (error) {
    if (step.after === null || !isMissing(error)) throw error;
    await beginAgain(db, step.step);
    return 0;
  }
}

/** @returns how many were decided */
export async function decideSessions(db: Db): Promise<number> {
  await enrolOwn(db);
  return db.transaction(async (trx) => {
    const due = await lockDue(trx, AT_ONCE);
    for (const facts of due) {
      const outcome = sessionOutcome(facts);
      const after = looksAgainAfter(outcome);
      await writeOutcome(trx, facts.id, outcome, { failureCode: facts.failure_code, after });
    }
    return due.length;
  });
}

/**
 * Closes pages of ours whose end no event has told. What was bought comes first: as long as the page counts as open, nobody
 * buys a second one.
 */
export async function closeEnded(deps: Deps): Promise<void> {
  for (const { session, status, subscription } of await endedCheckouts(deps.db, CLOSED_AT_ONCE)) {
    try {
      if (subscription) await syncSubscription({ subscription }, deps);
      await closeCheckoutOf(deps.db, session, status);
    } catch (error) {
      // The next round looks again; the others must not wait for this one.
      deps.log.warn('a checkout could not be closed', { session, error: messageOf(error) });
    }
  }
}
