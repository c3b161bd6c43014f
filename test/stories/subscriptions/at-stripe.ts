import type Stripe from 'stripe';
import type { Bought } from './expected-access.ts';
import { intentsOf, type Person, type World } from './world.ts';

/** What takes back what was paid. */
export interface EndsAfter {
  readonly full_refund: boolean;
  readonly lost_dispute: boolean;
}

/** All that Stripe says now about what somebody has bought. */
export async function boughtBy({ side: { stripe } }: World, { customer }: Person, ends: EndsAfter): Promise<Bought> {
  const all = { customer, limit: 100 };
  const [person, subscriptions, invoices, charges, sessions] = await Promise.all([
    stripe.customers.retrieve(customer),
    stripe.subscriptions.list({ ...all, status: 'all' }),
    stripe.invoices.list({ ...all, expand: ['data.payments'] }),
    stripe.charges.list(all),
    stripe.checkout.sessions.list({ customer, status: 'complete', limit: 100 }),
  ]);
  if (person.deleted) throw new Error(`Bug: ${customer} was deleted`);
  const back = await goneBack(stripe, charges.data, ends);
  const whole = await Promise.all(invoices.data.map((invoice) => withLines(stripe, invoice)));
  return {
    customer: person,
    isKnown: sessions.data.length > 0 || subscriptions.data.some(({ metadata }) => 'user_id' in metadata),
    subscriptions: subscriptions.data,
    invoices: whole,
    takenBack: new Set(whole.filter((one) => intentsOf(one, 'paid').some((id) => back.has(id))).map(({ id }) => id)),
    prices: await pricesOf(stripe),
  };
}

async function withLines(stripe: Stripe, invoice: Stripe.Invoice): Promise<Stripe.Invoice> {
  if (!invoice.lines.has_more) return invoice;
  const data = await stripe.invoices.listLineItems(invoice.id, { limit: 100 }).autoPagingToArray({ limit: 500 });
  return { ...invoice, lines: { ...invoice.lines, data, has_more: false } };
}

/** Payment intents whose money has gone back. */
async function goneBack(stripe: Stripe, charges: readonly Stripe.Charge[], ends: EndsAfter): Promise<Set<unknown>> {
  const refunded = charges.filter(({ paid, amount_refunded: back, amount }) => paid && back >= amount);
  const disputed = charges.filter((charge) => charge.disputed);
  const disputes = await Promise.all(disputed.map(({ id }) => stripe.disputes.list({ charge: id })));
  const lost = disputes.flatMap(({ data }) => data.filter(({ status }) => status === 'lost'));
  return new Set([
    ...(ends.full_refund ? refunded.map(({ payment_intent: intent }) => intent) : []),
    ...(ends.lost_dispute ? lost.map(({ payment_intent: intent }) => intent) : []),
  ]);
}

const known = new Map<Stripe, Promise<ReadonlyMap<string, Stripe.Price>>>();

/** They do not change. */
function pricesOf(stripe: Stripe): Promise<ReadonlyMap<string, Stripe.Price>> {
  const asked = known.get(stripe) ?? stripe.prices.list({ limit: 100 }).then(byId);
  known.set(stripe, asked);
  return asked;
}

const byId = ({ data }: Stripe.ApiList<Stripe.Price>) => new Map(data.map((price) => [price.id, price]));
