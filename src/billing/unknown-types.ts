import { type Db, firstRow } from '../platform/db.ts';
import { awaitingTypes } from '../stripe/inbox/awaiting-release.ts';
import type { Question } from './desk/questions.ts';
import { askPerson, openSubjects, withdrawQuestion } from './desk/review-items.ts';
import { listenerOf } from './stripe-events.ts';

/**
 * Asks a person about events that wait for a newer release although the deployment should be over: that release was taken
 * back, or its workers don't run. One question per type.
 */
const KIND = 'event_type_unknown';
/** A deployment is over by then. */
const ASK_AFTER_HOURS = 24;
/** Whoever wants to wait is not asked again before. */
const ASK_AGAIN_AFTER_DAYS = 7;

export async function askAboutUnknownTypes(db: Db): Promise<void> {
  const awaiting = (await awaitingTypes(db)).filter(({ type }) => listenerOf(type).listens === 'newer_release');
  for (const { type, events, since, hours } of awaiting) {
    if (hours < ASK_AFTER_HOURS || (await saidToWait(db, type))) continue;
    await askPerson(db, question(type, events, since));
  }
  for (const subject of await openSubjects(db, KIND)) {
    if (awaiting.some(({ type }) => type === subject)) continue;
    await withdrawQuestion(db, { kind: KIND, subject }, 'no event of this type waits any more');
  }
}

function question(type: string, events: number, since: Date): Question {
  return {
    kind: KIND,
    subject: type,
    summary: `Events of the type ${type} wait for a release that knows it: one had stored them, and none that runs now does. Deploy that release again, or end them as ignored.`,
    details: { events, since: since.toISOString() },
  };
}

async function saidToWait(db: Db, type: string): Promise<boolean> {
  const answer = await firstRow(
    db,
    `SELECT id FROM review_items WHERE kind = :kind AND subject = :type AND closed_by <> 'system'
       AND closed_at > now() - make_interval(days => :days)`,
    { kind: KIND, type, days: ASK_AGAIN_AFTER_DAYS },
  );
  return answer !== undefined;
}
