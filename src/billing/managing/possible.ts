import type { Deed } from './deed.ts';
import { type Looked, planDeed } from './plan-deed.ts';

/** What can be done about a subscription now, pure: what a page offers, and an application shows buttons for. */
export const POSSIBLE = [
  'cancel_now',
  'cancel_at_period_end',
  'resume',
  'pause',
  'pause_collection',
  'unpause',
] as const;
export type Possible = (typeof POSSIBLE)[number];

const deeds: Readonly<Record<Possible, Deed>> = {
  cancel_now: { deed: 'cancel', when: 'now', invoiceNow: false },
  cancel_at_period_end: { deed: 'cancel', when: 'period_end' },
  resume: { deed: 'resume' },
  pause: { deed: 'pause', what: 'subscription' },
  pause_collection: { deed: 'pause', what: 'collection', invoices: 'void', until: null },
  unpause: { deed: 'unpause' },
};

export function possibleNow(looked: Looked): Possible[] {
  return POSSIBLE.filter((name) => isPossible(name, looked));
}

function isPossible(name: Possible, looked: Looked): boolean {
  // A pause of the collection can be made another one; until somebody ends it, it is one.
  if (name === 'pause_collection' && looked.subscription.pauseCollection !== null) return false;
  return planDeed(deeds[name], looked, NEVER_ASKED).plan === 'do';
}

/** None of them names a moment. */
const NEVER_ASKED = new Date(0);
