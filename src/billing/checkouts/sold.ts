import { isMissing } from '../../stripe/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { InvalidInput } from '../own-invoices/invoice-input.ts';
import { isPriceOf, priceNamed } from './plan-price.ts';

/** What somebody of the application is to buy. */
export interface Wanted {
  readonly reference: string;
  /** A plan of the policy, by the application's name for it. */
  readonly plan?: string | undefined;
  /** Of the plan: a lookup key or an id; without one the first. */
  readonly price?: string | undefined;
  /** prod_…: paid once, at its default price. */
  readonly product?: string | undefined;
  readonly quantity: number;
  /** cus_…: who he is at Stripe, where the application knows it from before. */
  readonly customer?: string | undefined;
  readonly email?: string | undefined;
  readonly success_url: string;
  readonly cancel_url?: string | undefined;
}

export type Sold =
  | { readonly mode: 'payment'; readonly price: string; readonly product: string }
  | {
      readonly mode: 'subscription';
      readonly price: string;
      readonly product: string;
      readonly trialDays: number | undefined;
    };

type SellingDeps = Pick<Deps, 'stripe' | 'policy'>;

/** @throws InvalidInput that names the field */
export async function soldBy(wanted: Wanted, deps: SellingDeps): Promise<Sold> {
  const { plan: name, product } = wanted;
  if (name !== undefined) return soldAsPlan(wanted, name, deps);
  if (product !== undefined) return soldOnce(product, deps);
  throw wrong('plan', 'is required, or a product');
}

async function soldAsPlan({ price: wanted }: Wanted, name: string, { stripe, policy }: SellingDeps): Promise<Sold> {
  const { plans } = policy.access;
  const plan = Object.hasOwn(plans, name) ? plans[name] : undefined;
  if (!plan) throw wrong('plan', `must be a plan of the policy: ${Object.keys(plans).join(', ') || 'there is none'}`);
  const asked = wanted ?? plan.prices[0];
  if (asked === undefined) throw wrong('price', `is required: plan ${name} names a product, and no price`);
  const price = await priceNamed(asked, { stripe });
  if (!price) throw wrong('price', `${asked} is no active price at Stripe, by its id or its lookup key`);
  if (!isPriceOf(plan, asked, price)) throw wrong('price', `${asked} is no price of plan ${name}`);
  return { mode: 'subscription', price: price.id, product: price.product, trialDays: plan.trial_days };
}

async function soldOnce(product: string, { stripe }: SellingDeps): Promise<Sold> {
  try {
    const { default_price: price } = await stripe.products.retrieve(product);
    if (!price) throw wrong('product', `${product} has no default price at Stripe: give it one`);
    return { mode: 'payment', price: typeof price === 'string' ? price : price.id, product };
  } catch (error) {
    if (isMissing(error)) throw wrong('product', `${product} is not at Stripe`);
    throw error;
  }
}

function wrong(field: string, message: string): InvalidInput {
  return new InvalidInput([{ field, message }]);
}
