import type { Deps } from '../../src/billing/deps/deps.ts';
import type { Deed } from '../../src/billing/managing/deed.ts';
import { type Managed, manageSubscription } from '../../src/billing/managing/manage-subscription.ts';

/** What somebody does about a subscription, by a name that a test hands to another process. */
export const managedDeeds = {
  cancel_now: { deed: 'cancel', when: 'now', invoiceNow: false },
  cancel_at_period_end: { deed: 'cancel', when: 'period_end' },
  resume: { deed: 'resume' },
  pause: { deed: 'pause', what: 'subscription' },
  pause_collection: { deed: 'pause', what: 'collection', invoices: 'void', until: null },
  unpause: { deed: 'unpause' },
} as const satisfies Record<string, Deed>;
export type DeedName = keyof typeof managedDeeds;

export function isDeedName(name: string): name is DeedName {
  return Object.hasOwn(managedDeeds, name);
}

export async function doDeed(id: string, name: DeedName, deps: Deps): Promise<Managed> {
  return manageSubscription(id, managedDeeds[name], { actor: 'test', reason: 'he asked for it' }, deps);
}
