import type { SimulatedStripe } from '../../support/simulated-stripe.ts';

/** What is sold by the month and by the year, and what it gives the use of. */
export const LADDER = ['basic', 'pro', 'max'] as const;
const AMOUNTS = { basic: 1_000, pro: 3_000, max: 6_000, seat: 500, storage: 700 } as const;
export type PlanName = keyof typeof AMOUNTS;
const INTERVALS = ['month', 'year'] as const;

export type Value = true | number | { readonly per_unit: number };
export const FEATURES: Readonly<Record<string, Readonly<Record<string, Value>>>> = {
  basic: { basic: true },
  pro: { basic: true, pro: true },
  max: { basic: true, pro: true, max: true },
  seat: { seats: { per_unit: 1 } },
  storage: { storage: 10, shelf: true },
};

export const plans = Object.fromEntries(
  Object.entries(FEATURES).map(([name, features]) => [
    name,
    { name, prices: INTERVALS.map((interval) => `${name}_${interval}`), features },
  ]),
);

/** @returns ids by lookup key: `pro_month` */
export async function catalogOf({ stripe }: SimulatedStripe): Promise<ReadonlyMap<string, string>> {
  const prices = new Map<string, string>();
  for (const [name, amount] of Object.entries(AMOUNTS)) {
    const product = await stripe.products.create({ name });
    for (const interval of INTERVALS) {
      const lookup_key = `${name}_${interval}`;
      const unit_amount = interval === 'month' ? amount : amount * 10;
      const made = { product: product.id, currency: 'eur', lookup_key, unit_amount, recurring: { interval } };
      prices.set(lookup_key, (await stripe.prices.create(made)).id);
    }
  }
  return prices;
}

/** Of a lookup key. */
export function planNamed(key: string): string {
  return key.split('_')[0] ?? '';
}
