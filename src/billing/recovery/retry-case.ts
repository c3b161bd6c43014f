import { after } from '../../platform/clock.ts';
import { BusyError } from '../../platform/errors.ts';
import { messageOf } from '../../platform/log.ts';
import { takingTurns } from '../../platform/turn.ts';
import { isOutage, rateLimitPause } from '../../stripe/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { nowAt } from '../subscriptions/subscriptions.ts';
import { frozenTimeOf } from '../subscriptions/test-clocks.ts';
import { type CardToTry, cardToTry } from './card-to-try.ts';
import { WAITS } from './case-words.ts';
import { howItStands, type Standing, triesOn } from './how-it-stands.ts';
import { makeRetry } from './make-retry.ts';
import { type CaseForRetries, nextRetry } from './next-retry.ts';
import { insertRetry, retriesOf, retryUnderWay } from './recovery-retries.ts';
import { type CaseToRetry, caseToRetry, lookAtUnplanned, noteLook, takeDueLook } from './retry-looks.ts';

/**
 * Own tries of unpaid invoices: of a card that is new at once, in either mode; by the steps of the policy in mode own. When a case
 * is looked at says `retry-looks.ts`; whether something is tried then is decided by `next-retry.ts`.
 */

const AT_ONCE = 200;

/** Where we try, a case without a plan is looked at all the same: its customer or Stripe may have changed something. Seconds. */
const LOOK_EVERY = 86_400;

/** One round. Any number of processes may run it. @returns how many cases were looked at */
export async function retryDueCases(deps: Deps): Promise<number> {
  const { db, log, policy } = deps;
  if (policy.recovery.mode === 'own') await lookAtUnplanned(db);
  let looked = 0;
  for (; looked < AT_ONCE; looked += 1) {
    const invoice = await takeDueLook(db);
    if (invoice === undefined) break;
    try {
      await lookForRetry(invoice, deps);
    } catch (error) {
      // It is looked at again soon. Where Stripe is away for everybody, so is the rest of the round.
      if (isOutage(error) || rateLimitPause(error) !== undefined) throw error;
      if (error instanceof BusyError) continue;
      log.warn('an unpaid invoice could not be looked at and is again', { invoice, error: messageOf(error) });
    }
  }
  return looked;
}

/** One process at a time. What was begun comes to its end before anything else is decided. */
export async function lookForRetry(invoice: string, deps: Deps): Promise<void> {
  await takingTurns(deps.db, `recovery:${invoice}`, `the case of ${invoice}`, async () => {
    const unpaid = await caseToRetry(deps.db, invoice);
    if (!unpaid) return;
    const begun = await retryUnderWay(deps.db, invoice);
    if (begun) {
      await makeRetry(begun, unpaid, deps);
      await lookSoon(invoice, deps);
    } else await decide(invoice, unpaid, deps);
  });
}

async function lookSoon(invoice: string, { db }: Deps): Promise<void> {
  await noteLook(db, invoice, { at: await nowAt(db), note: 'a try was made' });
}

async function decide(invoice: string, before: CaseToRetry, deps: Deps): Promise<void> {
  const { db, policy, timeZone } = deps;
  const recovery = policy.recovery;
  const stands = await howItStands(before, deps);
  // What Stripe has just said may have ended it.
  const unpaid = (await caseToRetry(db, invoice)) ?? before;
  const everybodys = await nowAt(db);
  const frozen = await frozenTimeOf(db, unpaid.test_clock);
  // Of a test clock that moves, the time is told when it has arrived. It is looked at again then.
  if (frozen && unpaid.last_failed_at > frozen) {
    await noteLook(db, invoice, { at: after(everybodys, LOOK_EVERY), note: 'its test clock moves' });
    return;
  }
  const now = frozen ?? everybodys;
  const card = cardToTry(stands.collection.methods, stands.tries, unpaid.first_failed_at, now);
  const facts = await factsOf(unpaid, stands, card, deps);
  const plan = nextRetry(facts, { policy: recovery, now, timeZone: recovery.time_zone ?? timeZone });
  if (plan.retry === 'none') {
    const isOurs = recovery.mode === 'own' && unpaid.state === 'open';
    await noteLook(db, invoice, { at: isOurs ? after(everybodys, LOOK_EVERY) : null, note: plan.reason });
    return;
  }
  if (plan.at > now || !card) {
    await noteLook(db, invoice, { at: frozen ? after(everybodys, LOOK_EVERY) : plan.at, note: WAITS[plan.retry] });
    return;
  }
  const retry = await insertRetry(db, {
    invoice,
    why: plan.retry,
    card: card.id,
    method: card.method,
    triesBefore: triesOn(card.id, stands),
    at: now,
    by: null,
  });
  if (retry) await makeRetry(retry, unpaid, deps, stands);
  await lookSoon(invoice, deps);
}

export async function factsOf(
  unpaid: CaseToRetry,
  { collection, attempts }: Standing,
  card: CardToTry | undefined,
  { db }: Deps,
): Promise<CaseForRetries> {
  const isOver = unpaid.state !== 'open';
  const retries = await retriesOf(db, unpaid.invoice);
  return {
    live: collection,
    firstFailedAt: unpaid.first_failed_at,
    plannedEnd: isOver ? undefined : (unpaid.ends_at ?? undefined),
    isOver,
    card,
    attempts,
    retries: retries.map(({ why, at, card: tried }) => ({ why, at, card: tried })),
  };
}
