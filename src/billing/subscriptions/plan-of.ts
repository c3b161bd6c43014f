import type { AccessPolicy, Plan } from '../policy/access.ts';
import type { Price } from './subscription.ts';

/** Which plan of the policy a price is of, pure. */
export interface NamedPlan extends Plan {
  /** The application's name for it. */
  readonly plan: string;
}

/** By its id, its lookup key or its product; the first that names it. */
export function planOf(
  { id, lookupKey, product }: Pick<Price, 'id' | 'lookupKey' | 'product'>,
  { plans }: AccessPolicy,
) {
  const named = Object.entries(plans).find(
    ([, plan]) => plan.prices.some((each) => each === id || each === lookupKey) || plan.product === product,
  );
  return named && { plan: named[0], ...named[1] };
}
