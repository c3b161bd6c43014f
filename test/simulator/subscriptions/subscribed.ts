import type Stripe from 'stripe';
import type { Simulated } from '../invoicing/simulated.ts';

export const HOUR = 3600;
export const DAY = 24 * HOUR;

/** A customer whose invoices are charged to this test card, without one if it is null. */
export async function customerWith({ stripe }: Simulated, card: string | null = 'pm_card_visa'): Promise<string> {
  const { id } = await stripe.customers.create({ email: 'ada@example.com' });
  if (card !== null) await useCard(stripe, id, card);
  return id;
}

/** From now on the customer's default. */
export async function useCard(stripe: Stripe, customer: string, card: string): Promise<string> {
  const { id } = await stripe.paymentMethods.attach(card, { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
  return id;
}

/** A price of a product of its own, in EUR. */
export async function priceOf(
  { stripe }: Simulated,
  unit_amount: number,
  recurring: Stripe.PriceCreateParams.Recurring = { interval: 'month' },
  name = 'Membership',
): Promise<string> {
  const product = await stripe.products.create({ name });
  const { id } = await stripe.prices.create({ product: product.id, currency: 'eur', unit_amount, recurring });
  return id;
}

type Wanted = Partial<Stripe.SubscriptionCreateParams> & { amount?: number; card?: string | null };

/** Somebody subscribes, to something at 10.00 a month unless it is said otherwise. */
export async function subscribe(
  sim: Simulated,
  { amount = 1000, card = 'pm_card_visa', ...params }: Wanted = {},
): Promise<Stripe.Subscription> {
  const customer = params.customer ?? (await customerWith(sim, card));
  const items = params.items ?? [{ price: await priceOf(sim, amount) }];
  return sim.stripe.subscriptions.create({ ...params, customer, items });
}

/** The invoices of a subscription, oldest first. */
export async function invoicesOf({ stripe }: Simulated, subscription: string): Promise<Stripe.Invoice[]> {
  const { data } = await stripe.invoices.list({ subscription, limit: 100 });
  return data.toReversed();
}

export async function statusOf({ stripe }: Simulated, id: string): Promise<string> {
  return (await stripe.subscriptions.retrieve(id)).status;
}

/** The first item, of which most subscriptions have one. */
export function itemOf({ items }: Stripe.Subscription): Stripe.SubscriptionItem {
  const [item] = items.data;
  if (item === undefined) throw new Error('The subscription has no items');
  return item;
}

/** Moves the clock to a moment, and an hour beyond for the draft that is made then. */
export function passPeriod(sim: Simulated, end: number): void {
  sim.advance(end - sim.world.firstAccount().clock.now() + HOUR + 60);
}
