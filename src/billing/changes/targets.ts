import { isPriceOf, priceNamed } from '../checkouts/plan-price.ts';
import type { Deps } from '../deps/deps.ts';
import { InvalidInput } from '../own-invoices/invoice-input.ts';
import type { Plan } from '../policy/access.ts';
import { planOf } from '../subscriptions/plan-of.ts';
import type { Item, Price } from '../subscriptions/subscription.ts';
import { type Addressed, addressed, type WantedChange } from './wanted-change.ts';

/** What an item is to become, or a further one. */
export type Target =
  | { readonly kind: 'changed'; readonly item: Item; readonly price: Price; readonly quantity: number | null }
  | { readonly kind: 'added'; readonly price: Price; readonly quantity: number | null }
  | { readonly kind: 'removed'; readonly item: Item };

type PriceDeps = Pick<Deps, 'stripe' | 'policy'>;

/**
 * Only what becomes another than it is.
 * @throws InvalidInput that names the field
 */
export async function targetsOf(wanted: WantedChange, there: readonly Item[], deps: PriceDeps): Promise<Target[]> {
  const targets: Target[] = [];
  const gone = (wanted.items ?? []).filter(({ remove }) => remove).map(({ item }) => item);
  const stays = there.filter(({ id }) => !gone.includes(id));
  for (const each of addressed(wanted, there)) {
    const target = await targetOf(each, deps);
    if (target?.kind === 'added') refuseSecondOfProduct(target.price, each.at, stays);
    if (target) targets.push(target);
  }
  return targets;
}

async function targetOf(each: Addressed, deps: PriceDeps): Promise<Target | undefined> {
  const { wanted, item, at } = each;
  if (wanted.remove && item) return { kind: 'removed', item };
  const price = await priceFor(each, deps);
  const metered = price.usageType === 'metered';
  if (metered && wanted.quantity !== undefined)
    throw wrong(`${at}quantity`, `can’t be given: ${told(price)} is metered`);
  const quantity = metered ? null : (wanted.quantity ?? item?.quantity ?? 1);
  if (!item) return { kind: 'added', price, quantity };
  return price.id === item.price.id && quantity === item.quantity
    ? undefined
    : { kind: 'changed', item, price, quantity };
}

async function priceFor({ at, wanted, item }: Addressed, deps: PriceDeps): Promise<Price> {
  const { plan: name, price: asked } = wanted;
  if (name !== undefined) return priceOfPlan(name, { at, asked, item }, deps);
  if (asked !== undefined) return priceAlone(asked, at, deps);
  if (item) return item.price;
  throw wrong(`${at}plan`, 'is required for a further item, or a price');
}

async function priceOfPlan(
  name: string,
  { at, asked, item }: { at: string; asked: string | undefined; item: Item | undefined },
  deps: PriceDeps,
): Promise<Price> {
  const { plans } = deps.policy.access;
  const plan = Object.hasOwn(plans, name) ? plans[name] : undefined;
  if (!plan) {
    throw wrong(`${at}plan`, `must be a plan of the policy: ${Object.keys(plans).join(', ') || 'there is none'}`);
  }
  if (asked === undefined) return usualPrice(name, plan, { at, item }, deps);
  const price = await activePrice(asked, at, deps);
  if (!isPriceOf(plan, asked, price)) throw wrong(`${at}price`, `${asked} is no price of plan ${name}`);
  return price;
}

/** The price that comes round as the item does now, so that its periods stay; else the first. */
async function usualPrice(
  name: string,
  plan: Plan,
  { at, item }: { at: string; item: Item | undefined },
  deps: PriceDeps,
): Promise<Price> {
  if (item && planOf(item.price, deps.policy.access)?.plan === name) return item.price;
  const [first] = plan.prices;
  if (first === undefined) throw wrong(`${at}price`, `is required: plan ${name} names a product, and no price`);
  if (item) {
    for (const each of plan.prices) {
      const price = await priceNamed(each, deps);
      if (price && sameInterval(price, item.price)) return price;
    }
  }
  return activePrice(first, at, deps);
}

async function priceAlone(asked: string, at: string, deps: PriceDeps): Promise<Price> {
  const price = await activePrice(asked, at, deps);
  const { access } = deps.policy;
  if (Object.keys(access.plans).length > 0 && !planOf(price, access)) {
    throw wrong(`${at}price`, `${asked} is of no plan of the policy: nobody would be given anything for it`);
  }
  return price;
}

async function activePrice(asked: string, at: string, deps: PriceDeps): Promise<Price> {
  const price = await priceNamed(asked, deps);
  if (!price) throw wrong(`${at}price`, `${asked} is no active price at Stripe, by its id or its lookup key`);
  return price;
}

export function sameInterval(one: Price, other: Price): boolean {
  return one.interval === other.interval && one.intervalCount === other.intervalCount;
}

/** Who leaves out the item mostly means the one that is there: it would be paid twice. */
function refuseSecondOfProduct({ product }: Price, at: string, stays: readonly Item[]): void {
  const same = stays.find(({ price }) => price.product === product);
  if (same) throw wrong(`${at}item`, `is required: ${same.id} is of this product already`);
}

function told({ lookupKey, id }: Price): string {
  return lookupKey ?? id;
}

function wrong(field: string, message: string): InvalidInput {
  return new InvalidInput([{ field, message }]);
}
