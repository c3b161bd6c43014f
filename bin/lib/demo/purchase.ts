import type pg from 'pg';
import type Stripe from 'stripe';
import { type Buyer, payOnPage } from './checkout-page.ts';
import { control } from './simulator-control.ts';
import type { StripeSide } from './stripe-side.ts';

/** One purchase of a course, as LearnWorlds makes it: a Checkout Session with the course and the learner in its metadata. */
export type Purchase = {
  course: string;
  /** Minor units of `currency`. */
  amount: number;
  currency: string;
  paymentIntent: string;
  /** The moment before the click, by the database's clock. */
  clickedAt: Date;
  /** The event that was delivered twice on purpose; empty with the real Stripe. */
  repeatedEvent: string;
  /** Ids of the events in the order in which Stripe made them; empty with the real Stripe. */
  sentOrder: string[];
};

const course = {
  title: 'Watercolour for beginners',
  slug: 'watercolour-for-beginners',
  amount: 14_900,
  currency: 'eur',
};

export const learner: Buyer = { name: 'Ada Example', email: 'ada@example.com', country: 'DE' };

/** A page on which the course can be bought. Its address stays good for a click by hand. */
export async function openCheckout(
  stripe: Stripe,
  successUrl: string,
): Promise<Stripe.Checkout.Session & { url: string }> {
  const metadata = { school: 'demo', product_id: course.slug, product_type: 'course', user_email: learner.email };
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    customer_email: learner.email,
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: course.currency,
          unit_amount: course.amount,
          product_data: { name: course.title, description: 'Online course' },
        },
      },
    ],
    metadata,
    payment_intent_data: { description: course.title, metadata },
    success_url: successUrl,
    cancel_url: successUrl,
  });
  if (session.url === null) throw new Error(`Checkout Session ${session.id} has no page`);
  return { ...session, url: session.url };
}

/** The customer pays on the simulator's page; the webhooks then arrive out of order, and one of them twice. */
export async function buyOnPage(stripe: Stripe, side: StripeSide, database: pg.Client): Promise<Purchase> {
  const session = await openCheckout(stripe, `${side.apiBase}/_sim`);
  await control(side, 'POST', '/_sim/webhooks/flush', {});
  // Each webhook is held back for a random while, so that later ones overtake it.
  await control(side, 'POST', '/_sim/webhooks', { jitter_ms: 400 });
  const clickedAt = await databaseClock(database);
  await payOnPage(session.url, learner);
  const paid = await stripe.checkout.sessions.retrieve(session.id);
  const paymentIntent = typeof paid.payment_intent === 'string' ? paid.payment_intent : paid.payment_intent?.id;
  if (paymentIntent === undefined)
    throw new Error(`The customer paid, but session ${session.id} has no payment intent`);
  const events = await stripe.events.list({ limit: 100 });
  const repeated = events.data.find(({ type }) => type === 'payment_intent.succeeded');
  if (repeated === undefined) throw new Error('The customer paid, but Stripe made no payment_intent.succeeded');
  await control(side, 'POST', '/_sim/webhooks/redeliver', { event: repeated.id });
  await control(side, 'POST', '/_sim/webhooks', { jitter_ms: 0 });
  const sentOrder = events.data.map(({ id }) => id).reverse();
  return { ...purchased(), paymentIntent, clickedAt, repeatedEvent: repeated.id, sentOrder };
}

/** With the real Stripe nobody clicks: a test card pays the same amount directly. */
export async function buyDirectly(stripe: Stripe, database: pg.Client): Promise<Purchase> {
  const clickedAt = await databaseClock(database);
  const intent = await stripe.paymentIntents.create({
    amount: course.amount,
    currency: course.currency,
    description: course.title,
    payment_method: 'pm_card_visa',
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    metadata: { school: 'demo', product_id: course.slug, product_type: 'course', user_email: learner.email },
  });
  return { ...purchased(), paymentIntent: intent.id, clickedAt, repeatedEvent: '', sentOrder: [] };
}

function purchased(): Pick<Purchase, 'course' | 'amount' | 'currency'> {
  return { course: course.title, amount: course.amount, currency: course.currency };
}

async function databaseClock(database: pg.Client): Promise<Date> {
  const { rows } = await database.query('select clock_timestamp() as now');
  return rows[0].now;
}
