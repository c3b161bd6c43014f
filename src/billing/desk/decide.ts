import { BusyError, PermanentError, Refused } from '../../platform/errors.ts';
import { whenFree } from '../../platform/when-free.ts';
import { isRefusal } from '../../stripe/errors.ts';
import { concludeReviewed } from '../../stripe/inbox/events.ts';
import type { Deps } from '../deps/deps.ts';
import { recordAudit } from './audit-log.ts';
import type { Answer, Choice, Decider } from './questions.ts';
import {
  claimDecision,
  closeAnswered,
  findReviewItem,
  isAskedAboutPayment,
  type ReviewItem,
  releaseDecision,
} from './review-items.ts';

/**
 * A person decides. The decision is claimed before anything is done for it, so that of two people who want different things
 * one wins and the other is told; what is done looks what was done before, and the question closes after it, if it was
 * answered. If the process dies in between, the same decision is simply made again, by anybody.
 */
export interface ReviewDecision extends Decider {
  readonly choice: string;
}

/**
 * @param choices what may be decided about this question
 * @returns what was done, in words
 * @throws NotDecided that says why, when there is no such open question or choice, or the question stays open
 */
export async function decide(
  id: number,
  decision: ReviewDecision,
  choices: (item: ReviewItem) => readonly Choice[],
  deps: Deps,
): Promise<string> {
  const { db } = deps;
  const item = await findReviewItem(db, id);
  if (!item) throw new NotDecided(`There is no review item ${id}.`);
  if (item.state !== 'open')
    return isDoneUnclosed(item, decision) ? noteDone(item, decision, deps) : alreadyDecided(item, decision);
  const offered = choices(item);
  const chosen = offered.find(({ name }) => name === decision.choice);
  if (!chosen) {
    const names = offered.map(({ name }) => name).join(', ');
    throw new NotDecided(`Review item ${id} offers ${names}, not ${decision.choice}.`);
  }
  if (chosen.asks && !decision.given?.trim()) throw new NotDecided(`${decision.choice} needs: ${chosen.asks}.`);
  if (decision.reason.trim() === '') throw new NotDecided('A decision needs a reason.');
  if (!(await claimDecision(db, id, decision))) return alreadyDecided(await findReviewItem(db, id), decision);

  const answer = await carryOut(chosen, item, decision, deps);
  if (!answer.answered) {
    await releaseDecision(db, id, decision.choice);
    throw new NotDecided(`The question stays open. ${answer.said}`);
  }
  await close(item, decision, answer.said, deps);
  return answer.said;
}

/** Who had decided this died after its effect, which has withdrawn the question meanwhile: what is missing is the record. */
function isDoneUnclosed({ closed_by, claimed_choice }: ReviewItem, { choice }: ReviewDecision): boolean {
  return closed_by === 'system' && claimed_choice === choice;
}

async function noteDone(item: ReviewItem, decision: ReviewDecision, deps: Deps): Promise<string> {
  const result = item.reason ?? 'it is done';
  await close(item, decision, result, deps);
  return result;
}

/** Nothing has come of a decision; the message says why. */
export class NotDecided extends Refused {
  override readonly name = 'NotDecided';
}

async function carryOut(chosen: Choice, item: ReviewItem, decision: ReviewDecision, deps: Deps): Promise<Answer> {
  try {
    return await whenFree(() => chosen.run(item, deps, decision));
  } catch (error) {
    if (hasNoEffect(error)) await releaseDecision(deps.db, item.id, decision.choice);
    throw error;
  }
}

/** It was refused for good, or has not begun. After any other error it may be done, and only the same may be tried again. */
function hasNoEffect(error: unknown): boolean {
  return isRefusal(error) || [Refused, PermanentError, BusyError].some((kind) => error instanceof kind);
}

async function close(item: ReviewItem, decision: ReviewDecision, result: string, { db }: Deps): Promise<void> {
  const { choice, actor, reason } = decision;
  await db.transaction(async (trx) => {
    // Somebody who has decided the same at the same time was quicker.
    if (!(await closeAnswered(trx, item.id, { choice, actor, reason, result }))) return;
    await recordAudit(trx, {
      actor,
      action: `review.${choice}`,
      subject: item.subject,
      reason,
      details: { item: item.id, result },
    });
    const payment = paymentOf(item);
    if (payment && !(await isAskedAboutPayment(trx, payment))) {
      await concludeReviewed(trx, payment, `${actor} decided ${choice}: ${result}`);
    }
  });
}

/** Who presses twice is told what became of it. */
function alreadyDecided(item: ReviewItem | undefined, { choice }: ReviewDecision): string {
  if (!item) throw new NotDecided('The question is not there any more.');
  const { id, state, decision, result, closed_by, claimed_by, claimed_choice } = item;
  if (state === 'open') {
    throw new NotDecided(
      `Review item ${id} is being decided as ${claimed_choice} by ${claimed_by}. If that did not come to an end, decide ${claimed_choice} again.`,
    );
  }
  if (decision === choice) return result ?? 'it was decided like this already';
  const how = decision ? `, decided as ${decision} by ${closed_by}` : ` by itself: ${item.reason}`;
  throw new NotDecided(`Review item ${id} is ${state} already${how}.`);
}

/** The payment that it is about. */
function paymentOf({ subject, details }: ReviewItem): string | undefined {
  if (subject.startsWith('pi_')) return subject;
  const named = typeof details === 'object' && details !== null && 'payment_intent' in details;
  return named && typeof details.payment_intent === 'string' ? details.payment_intent : undefined;
}
