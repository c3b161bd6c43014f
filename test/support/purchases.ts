import type Stripe from 'stripe';
import { z } from 'zod';
import type { SimulatedStripe } from './simulated-stripe.ts';

/** What buyers do. Every function answers with the payment intent that was paid. */

type SessionParams = Partial<Stripe.Checkout.SessionCreateParams>;

/** One line of a Checkout Session at a price of its own. */
export function item(name: string, unitAmount: number, more: Partial<CheckoutItem> = {}): CheckoutItem {
  const { price_data: price, ...rest } = more;
  return {
    quantity: 1,
    price_data: { currency: 'eur', unit_amount: unitAmount, product_data: { name }, ...price },
    ...rest,
  };
}
type CheckoutItem = Stripe.Checkout.SessionCreateParams.LineItem;

export async function openCheckout(
  { stripe }: SimulatedStripe,
  params: SessionParams = {},
): Promise<Stripe.Checkout.Session> {
  return stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [item('Watercolour for beginners', 14_900)],
    success_url: 'https://school.example/thanks',
    ...params,
  });
}

export type BuyerParams = {
  choice?: 'card' | 'authenticate' | 'declined' | 'debit' | 'debit_fails';
  email?: string;
  name?: string;
  address?: object;
};

const paidSession = z.object({ payment_intent: z.string(), payment_status: z.string() });

/** A buyer fills in the page of the session and presses a button. */
export async function payCheckout(side: SimulatedStripe, session: string, buyer: BuyerParams = {}): Promise<string> {
  const answer = await side.control('POST', '/_sim/checkout/pay', { session, ...buyer });
  return paidSession.parse(answer).payment_intent;
}

/** Both in one: a session is opened and paid. A guest unless `customer` is named. */
export async function buy(side: SimulatedStripe, params: SessionParams = {}, buyer: BuyerParams = {}): Promise<string> {
  return payCheckout(side, (await openCheckout(side, params)).id, buyer);
}

/** A payment without Checkout, as shops with their own form make it; of a guest unless `customer` is named. */
export async function payDirectly(
  { stripe }: SimulatedStripe,
  params: Partial<Stripe.PaymentIntentCreateParams> = {},
): Promise<string> {
  const intent = await stripe.paymentIntents.create({
    amount: 4_900,
    currency: 'eur',
    payment_method: 'pm_card_visa',
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    ...params,
  });
  return intent.id;
}

/** `count` payments, side by side, half of them of guests and half of customers. */
export async function manyPayments(side: SimulatedStripe, count: number): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, number) => {
      if (number % 2 === 0) return buy(side, {}, { email: `guest${number}@example.com`, name: `Guest ${number}` });
      const customer = await side.stripe.customers.create({
        name: `Customer ${number}`,
        email: `c${number}@example.com`,
      });
      return buy(side, { customer: customer.id });
    }),
  );
}
