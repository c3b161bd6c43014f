import type Stripe from 'stripe';
import { accessPolicy } from '../../src/billing/policy/access.ts';
import type { SimulatedStripe } from './simulated-stripe.ts';

/** What somebody sells by the month: plans, customers with a card, and their subscriptions. */
export interface Plans {
  readonly basic: Stripe.Price;
  readonly pro: Stripe.Price;
  readonly proYearly: Stripe.Price;
  readonly seats: Stripe.Price;
  /** Of the policy file. */
  readonly access: object;
}

export async function plansOf({ stripe }: SimulatedStripe): Promise<Plans> {
  const product = async (name: string) => (await stripe.products.create({ name })).id;
  const [basic, pro, seats] = [await product('Basic'), await product('Pro'), await product('Seats')];
  const price = (of: string, lookup_key: string, unit_amount: number, interval: 'month' | 'year' = 'month') =>
    stripe.prices.create({ product: of, lookup_key, unit_amount, currency: 'eur', recurring: { interval } });
  return {
    basic: await price(basic, 'basic_monthly', 1_000),
    pro: await price(pro, 'pro_monthly', 3_000),
    proYearly: await price(pro, 'pro_yearly', 30_000, 'year'),
    seats: await price(seats, 'seat_monthly', 500),
    access: plansAccess,
  };
}

export const plansAccess = {
  reference_metadata: ['user_id'],
  plans: {
    basic: { name: 'Basic', prices: ['basic_monthly'], features: ['basic'] },
    pro: { name: 'Pro', prices: ['pro_monthly', 'pro_yearly'], features: { basic: true, pro: true } },
    seats: { name: 'Seats', prices: ['seat_monthly'], features: { seats: { per_unit: 1 } } },
  },
};
export const plansPolicy = accessPolicy.parse(plansAccess);

/** With a card that works, or one of Stripe's test cards. */
export async function customerWithCard(
  { stripe }: SimulatedStripe,
  params: Stripe.CustomerCreateParams = {},
  card = 'pm_card_visa',
): Promise<Stripe.Customer> {
  return stripe.customers.create({
    email: 'ada@example.com',
    payment_method: card,
    invoice_settings: { default_payment_method: card },
    ...params,
  });
}
