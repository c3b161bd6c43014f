import { isMissing } from '../../stripe/errors.ts';
import type { Outcome } from '../../stripe/inbox/events.ts';
import type { EventDeps } from '../deps/deps.ts';
import { askingAlone } from './asking.ts';
import { endWithClock, subscriptionsOnClock } from './subscriptions.ts';
import { syncSubscription } from './sync-subscription.ts';
import { type TestClock, testClockOf } from './test-clock.ts';
import { frozenTimeOf, noteDeletedClock, writeTestClock } from './test-clocks.ts';

export interface TestClockRef {
  /** clock_… */
  readonly testClock: string;
}

/**
 * Brings the time of a test clock into agreement with Stripe; what is judged by it follows in the same transaction. It moves when all
 * that is on it has been asked about since: else what was renewed on the way would have ended for a moment.
 */
export async function followTestClock({ testClock: id }: TestClockRef, deps: EventDeps): Promise<Outcome> {
  if (deps.livemode) return { outcome: 'ignored', reason: 'there are no test clocks in live mode' };
  return askingAlone(deps.db, {
    table: 'test_clocks',
    id,
    receivedAt: deps.receivedAt,
    since: () => ({ outcome: 'processed', reason: `Stripe was asked about ${id} since it arrived` }),
    ask: ({ from }) => askForClock(id, from, deps),
  });
}

async function askForClock(id: string, from: Date, deps: EventDeps): Promise<Outcome> {
  const clock = await askStripe(id, deps);
  if (!clock) return goneWith(id, from, deps);
  const end: Outcome = {
    outcome: 'processed',
    reason: `the test clock is ${clock.status} at ${clock.frozenTime.toISOString()}`,
  };
  if (await isMoving(clock, deps)) await askAboutAll(id, deps);
  await deps.db.transaction(async (trx) => {
    if (await writeTestClock(trx, clock, from)) await deps.changed(trx, { record: 'test_clock', id });
    await deps.finish?.(trx, end);
  });
  return end;
}

async function isMoving({ id, status, frozenTime }: TestClock, { db }: EventDeps): Promise<boolean> {
  const before = await frozenTimeOf(db, id);
  return status !== 'advancing' && before !== null && before.getTime() !== frozenTime.getTime();
}

/** @returns those that Stripe does not find */
async function askAboutAll(id: string, { finish: _, receivedAt: __, ...deps }: EventDeps): Promise<string[]> {
  const missing: string[] = [];
  for (const subscription of await subscriptionsOnClock(deps.db, id)) {
    const { outcome } = await syncSubscription({ subscription }, deps);
    if (outcome === 'ignored') missing.push(subscription);
  }
  return missing;
}

async function askStripe(id: string, { stripe }: EventDeps): Promise<TestClock | undefined> {
  try {
    const clock = await stripe.testHelpers.testClocks.retrieve(id);
    return clock.deleted === undefined ? testClockOf(clock) : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Stripe deletes its customers with a test clock. Each subscription is asked about; one that is not found has ended, too. */
async function goneWith(id: string, from: Date, deps: EventDeps): Promise<Outcome> {
  const missing = await askAboutAll(id, deps);
  const end: Outcome = {
    outcome: 'processed',
    reason: 'the test clock is not at Stripe any more, nor are its customers',
  };
  await deps.db.transaction(async (trx) => {
    await noteDeletedClock(trx, id, from);
    for (const each of await endWithClock(trx, missing, from)) {
      await deps.changed(trx, { record: 'subscription', id: each });
    }
    await deps.finish?.(trx, end);
  });
  return end;
}
