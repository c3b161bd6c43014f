import type { FieldProblem } from '../../platform/field-problems.ts';
import { InvalidInput } from '../own-invoices/invoice-input.ts';
import type { Item } from '../subscriptions/subscription.ts';

/** What somebody wants to become of a subscription, in the names of the application or of Stripe. */
export interface WantedChange {
  /** Of the only item of the subscription. */
  readonly only?: WantedTerms | undefined;
  readonly items?: readonly WantedItem[] | undefined;
  readonly when: When;
}

export type When = 'now' | 'period_end';

export interface WantedTerms {
  /** A plan of the policy, by the application's name for it. */
  readonly plan?: string | undefined;
  /** By lookup key or id; with a plan one of its prices. */
  readonly price?: string | undefined;
  readonly quantity?: number | undefined;
}

export interface WantedItem extends WantedTerms {
  /** si_…; without one it is a further item. */
  readonly item?: string | undefined;
  readonly remove?: boolean | undefined;
}

/** What is wanted, with the item that it is about. */
export interface Addressed {
  /** Before the names of its fields: `items.0.`, or nothing. */
  readonly at: string;
  readonly wanted: WantedItem;
  /** Undefined: a further one. */
  readonly item: Item | undefined;
}

/**
 * Which item each wish is about, pure. One that is not there is an error, never the first of them.
 * @throws InvalidInput that names the field
 */
export function addressed({ only, items }: WantedChange, there: readonly Item[]): readonly Addressed[] {
  const named = only === undefined ? (items ?? []).map((wanted, index) => ({ at: `items.${index}.`, wanted })) : [];
  const problems = only === undefined ? problemsOf(named, there) : ofOnly(only, there);
  if (problems.length > 0) throw new InvalidInput(problems);
  if (only !== undefined) return [{ at: '', wanted: only, item: there[0] }];
  return named.map(({ at, wanted }) => ({ at, wanted, item: there.find(({ id }) => id === wanted.item) }));
}

function ofOnly(only: WantedTerms, there: readonly Item[]): FieldProblem[] {
  if (there.length !== 1) {
    return [{ field: 'items', message: `is required: say which item it is about, of ${told(there)}` }];
  }
  return asksForNothing(only) ? [{ field: 'plan', message: 'is required, or a price, or a quantity' }] : [];
}

function problemsOf(named: readonly { at: string; wanted: WantedItem }[], there: readonly Item[]): FieldProblem[] {
  if (named.length === 0) return [{ field: 'plan', message: 'is required, or a price, a quantity, or items' }];
  const problems = named.flatMap(({ at, wanted }, index) => {
    const twice = named.slice(0, index).some((other) => wanted.item !== undefined && other.wanted.item === wanted.item);
    const problem = problemOf(wanted, there, twice);
    return problem === undefined ? [] : [{ ...problem, field: `${at}${problem.field}` }];
  });
  const gone = new Set(
    named.flatMap(({ wanted }) => (wanted.remove && wanted.item !== undefined ? [wanted.item] : [])),
  );
  const leaves = there.some(({ id }) => !gone.has(id)) || named.some(({ wanted }) => wanted.item === undefined);
  if (problems.length > 0 || leaves) return problems;
  return [{ field: 'items', message: 'must leave an item: to end the subscription, cancel it' }];
}

function problemOf(wanted: WantedItem, there: readonly Item[], twice: boolean): FieldProblem | undefined {
  const { item, remove = false, plan, price } = wanted;
  if (item !== undefined && !there.some(({ id }) => id === item)) {
    return { field: 'item', message: `${item} is no item of it: it has ${told(there)}` };
  }
  if (twice) return { field: 'item', message: 'is named twice' };
  if (remove && item === undefined) return { field: 'item', message: 'is required: which one is to be removed?' };
  if (remove && !asksForNothing(wanted)) return { field: 'remove', message: 'leaves nothing else to be asked for' };
  if (remove) return undefined;
  if (item === undefined && plan === undefined && price === undefined) {
    return { field: 'plan', message: 'is required for a further item, or a price' };
  }
  return asksForNothing(wanted)
    ? { field: 'plan', message: 'is required, or a price, a quantity, or remove' }
    : undefined;
}

function asksForNothing({ plan, price, quantity }: WantedTerms): boolean {
  return plan === undefined && price === undefined && quantity === undefined;
}

/** `si_1 (pro_monthly), si_2 (seat_monthly)` */
function told(items: readonly Item[]): string {
  return items.map(({ id, price }) => `${id} (${price.lookupKey ?? price.id})`).join(', ');
}
