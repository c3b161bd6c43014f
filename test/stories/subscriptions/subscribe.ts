import type Stripe from 'stripe';
import type { Start } from './lives.ts';
import { approve, type Person, type World } from './world.ts';

/** How a subscription begins: in Checkout, or at Stripe by hand. */
const CARDS = {
  visa: 'pm_card_visa',
  fails: 'pm_card_chargeCustomerFail',
  asks: 'pm_card_authenticationRequired',
} as const;
const CHOICES = { visa: 'card', fails: 'declined', asks: 'authenticate' } as const;
const TRIAL_DAYS = 5;

export async function begin(world: World, reference: string, start: Start): Promise<Person> {
  const { stripe } = world.side;
  const { id: customer } = await stripe.customers.create({ email: `${reference}@example.com` });
  if (hasCard(start)) {
    const { id } = await stripe.paymentMethods.attach(CARDS[start.card], { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
  }
  const person = { reference, customer };
  await subscribe(world, person, start);
  return person;
}

/** A trial may begin without one. */
const hasCard = ({ trial }: Start): boolean => trial === 'none' || trial === 'with_card';

export async function subscribe(world: World, person: Person, start: Start): Promise<void> {
  await (start.door === 'checkout' ? inCheckout(world, person, start) : atStripe(world, person, start));
}

async function atStripe({ side, prices }: World, { reference, customer }: Person, start: Start): Promise<void> {
  await side.stripe.subscriptions.create({
    customer,
    items: start.items.map((key) => ({ price: prices.get(key) ?? key, quantity: quantityOf(key) })),
    metadata: { user_id: reference },
    billing_mode: { type: start.mode },
    ...trialOf(start),
  });
}

async function inCheckout(world: World, { reference, customer }: Person, start: Start): Promise<void> {
  const { side, prices } = world;
  const session = await side.stripe.checkout.sessions.create({
    mode: 'subscription',
    customer,
    client_reference_id: reference,
    line_items: start.items.map((key) => ({ price: prices.get(key) ?? key, quantity: quantityOf(key) })),
    subscription_data: { billing_mode: { type: start.mode }, ...trialOf(start) },
    ...(hasCard(start) ? {} : { payment_method_collection: 'if_required' }),
    success_url: 'https://app.example/welcome',
  });
  await side.control('POST', '/_sim/checkout/pay', { session: session.id, choice: CHOICES[start.card] });
  if (start.card !== 'asks') return;
  // Whoever was asked by the bank answers: the session ends with that.
  const { data } = await side.stripe.paymentIntents.list({ customer, limit: 1 });
  const [intent] = data;
  if (intent?.status === 'requires_action') await approve(world, intent.id);
}

type SubscriptionData = Stripe.Checkout.SessionCreateParams.SubscriptionData;

const quantityOf = (key: string): number => (key.startsWith('seat') ? 3 : 1);

function trialOf({ trial }: Start): Pick<SubscriptionData, 'trial_period_days' | 'trial_settings'> {
  if (trial === 'none') return {};
  const missing_payment_method = trial === 'with_card' ? 'create_invoice' : trial;
  return { trial_period_days: TRIAL_DAYS, trial_settings: { end_behavior: { missing_payment_method } } };
}
