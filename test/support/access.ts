import type Stripe from 'stripe';
import type { Features } from '../../src/billing/access/access-state.ts';
import { readAccess } from '../../src/billing/access/read-access.ts';
import type { Deps } from '../../src/billing/deps/deps.ts';
import { type Db, rows } from '../../src/platform/db.ts';
import { buy, item } from './purchases.ts';
import type { SimulatedStripe } from './simulated-stripe.ts';

/** Courses that are sold once, and what their buyers may use. */
export interface Courses {
  readonly watercolour: Stripe.Price;
  readonly oil: Stripe.Price;
  /** What the policy file says of them. */
  readonly access: object;
}

/** @param side with both courses for sale */
export async function coursesOf({ stripe }: SimulatedStripe): Promise<Courses> {
  const of = async (name: string, unit_amount: number) => {
    const product = await stripe.products.create({ name });
    return stripe.prices.create({ product: product.id, currency: 'eur', unit_amount });
  };
  const [watercolour, oil] = await Promise.all([of('Watercolour', 14_900), of('Oil', 9_900)]);
  return {
    watercolour,
    oil,
    access: {
      reference_metadata: ['user_id'],
      purchases: [
        { name: 'Watercolour', when: { product: watercolour.product }, features: { watercolour: true } },
        { name: 'Oil painting', when: { product: oil.product }, features: { oil: true, 'video-hours': 20 }, days: 30 },
      ],
      letter: { link: 'https://school.example/courses' },
    },
  };
}

export async function buyCourses(
  side: SimulatedStripe,
  prices: readonly Stripe.Price[],
  params: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Promise<string> {
  const line_items = prices.length > 0 ? prices.map(({ id }) => ({ price: id, quantity: 1 })) : [item('A pencil', 200)];
  return buy(side, { line_items, ...params });
}

export async function featuresOf({ db }: Pick<Deps, 'db'>, reference: string): Promise<Features> {
  const [found] = await readAccess(db, [reference]);
  return found?.features ?? {};
}

/** What systems were told of access, oldest first: `changed 1 oil,watercolour`, `granted 1 oil`. */
export async function toldOfAccess(db: Db, reference: string): Promise<string[]> {
  const told = await rows<{ said: string }>(
    db,
    `SELECT replace(kind, 'access.', '') || ' ' || (data->'data'->>'version') || ' ' ||
            coalesce(data->'data'->>'feature', (SELECT coalesce(string_agg(name, ',' ORDER BY name), '-')
                                                FROM jsonb_object_keys(data->'data'->'features') name)) AS said
     FROM messages WHERE kind LIKE 'access.%' AND data->'data'->>'reference' = ?
     ORDER BY (data->'data'->>'version')::bigint, kind, said`,
    [reference],
  );
  return told.map(({ said }) => said);
}
