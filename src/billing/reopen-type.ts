import type { Db } from '../platform/db.ts';
import { countReopenable, type Reopening, reopen } from '../stripe/inbox/reopen-events.ts';
import { recordAudit } from './desk/audit-log.ts';
import { routeOf, storedTypes, stripeEvents } from './stripe-events.ts';

/** Gives stored events of a type back to the workers that were stored before anybody listened to it. */

/** @throws Error when this release does not listen to the type */
export function reopeningOf(type: string, since: Date): Reopening {
  const route = Object.hasOwn(stripeEvents, type) ? routeOf(type) : undefined;
  if (!route) {
    throw new Error(`This release does not listen to ${type}. Types: ${Object.keys(stripeEvents).join(', ')}.`);
  }
  return { types: storedTypes(type), queue: route.queue, since };
}

export async function countOfType(db: Db, type: string, since: Date): Promise<number> {
  return countReopenable(db, reopeningOf(type, since));
}

/** Who wants it, e.g. `cli:root`, and why. */
export interface Wish {
  readonly actor: string;
  readonly reason: string;
}

/** Yields how many have been reopened so far, portion by portion. It is on record before the first. */
export async function* reopenType(db: Db, type: string, since: Date, { actor, reason }: Wish): AsyncGenerator<number> {
  const reopening = reopeningOf(type, since);
  const events = await countReopenable(db, reopening);
  await recordAudit(db, { actor, action: 'events.reopen', subject: type, reason, details: { events } });
  yield* reopen(db, reopening);
}
