import type { AccessPolicy, PurchaseRule } from '../policy/access.ts';
import { boughtWith } from './bought.ts';
import { type Grant, later, most } from './grant.ts';
import type { Purchase } from './purchase.ts';
import { saidIn } from './reference.ts';

/** What is known of a purchase besides itself. */
export interface Known {
  /** Minor units that have gone back to the buyer. */
  readonly refunded: number;
  readonly disputeLost: boolean;
  /** By a person; `null`: nobody's. */
  readonly assigned?: { readonly reference: string | null } | undefined;
  /** Who the customer at Stripe is. */
  readonly mapped?: string | undefined;
}

/** What a purchase gives, and to whom. */
export type PurchaseAccess =
  | { readonly gives: 'nothing'; readonly because: string }
  /** Nobody can tell whose it is. */
  | { readonly gives: 'question'; readonly bought: readonly string[] }
  | {
      readonly gives: 'access';
      readonly reference: string;
      /** Whether the purchase itself says so, or a person of it: then it may tell who its customer is. */
      readonly isSaid: boolean;
      readonly grants: readonly Grant[];
      readonly bought: readonly string[];
    };

/** Pure. */
export function accessOfPurchase(purchase: Purchase, known: Known, policy: AccessPolicy): PurchaseAccess {
  const rules = boughtWith(purchase, policy);
  if (rules.length === 0) return { gives: 'nothing', because: 'nothing of it is in the policy' };
  const back = takenBack(purchase, known, policy);
  if (back) return { gives: 'nothing', because: back };
  if (known.assigned?.reference === null) return { gives: 'nothing', because: 'a person decided that it is nobody’s' };
  const said = known.assigned?.reference ?? saidIn(purchase.saidReference, purchase.metadata, policy);
  const reference = said ?? known.mapped;
  const bought = rules.map(({ name }) => name);
  if (reference === undefined) return { gives: 'question', bought };
  return { gives: 'access', reference, isSaid: said !== undefined, grants: grantsOf(rules, purchase), bought };
}

/** Part of the money does not take back part of what was bought: who refunds it all takes it back. */
function takenBack({ amount }: Purchase, { refunded, disputeLost }: Known, { ends_after }: AccessPolicy) {
  if (ends_after.full_refund && refunded >= amount) return 'it was refunded';
  if (ends_after.lost_dispute && disputeLost) return 'its dispute was lost';
  return undefined;
}

const DAY_MS = 86_400_000;

function grantsOf(rules: readonly PurchaseRule[], { paidAt }: Purchase): Grant[] {
  const all = rules.flatMap(({ features, days }) =>
    Object.entries(features).map(([feature, value]) => ({
      feature,
      value: value === true ? null : value,
      until: days === undefined ? null : new Date(paidAt.getTime() + days * DAY_MS),
    })),
  );
  return [...Map.groupBy(all, ({ feature }) => feature)].map(([feature, each]) => ({
    feature,
    value: most(each.map(({ value }) => value)),
    until: each.map(({ until }) => until).reduce(later),
    graceUntil: null,
    bridgedUntil: null,
  }));
}
