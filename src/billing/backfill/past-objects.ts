import type Stripe from 'stripe';
import { toUnix } from '../../platform/clock.ts';
import { messageOf } from '../../platform/log.ts';
import { isForbidden } from '../../stripe/errors.ts';
import { adjustPayment } from '../adjustments/adjust-payment.ts';
import type { Deps } from '../deps/deps.ts';
import { routeOf, stripeEvents } from '../stripe-events.ts';
import { settlePayment } from '../stripe-invoices/settle-payment.ts';
import { type Found, PAGE, type Page } from './page.ts';

/** Pages of what Stripe lists since a day, newest first. */
export async function pastPayments(stripe: Stripe, since: number, cursor: string | null): Promise<Page> {
  const list = await stripe.paymentIntents.list(listed(since, cursor));
  return page(list, ({ id, status }) => (status === 'succeeded' ? [{ payment: id, useCase: settlePayment }] : []));
}

export async function pastRefunds(stripe: Stripe, since: number, cursor: string | null): Promise<Page> {
  return page(await stripe.refunds.list(listed(since, cursor)), adjusted);
}

export async function pastDisputes(stripe: Stripe, since: number, cursor: string | null): Promise<Page> {
  return page(await stripe.disputes.list(listed(since, cursor)), adjusted);
}

/** Stripe keeps the events of 30 days (https://docs.stripe.com/api/events). */
const EVENT_DAYS = 30;
/** Of one list at Stripe. */
const MOST_TYPES = 20;

/** What happened since then to older objects, too: a debit that succeeded, an authorisation captured, a dispute lost. */
export async function pastEvents(
  { stripe, clock }: Pick<Deps, 'stripe' | 'clock'>,
  since: number,
  cursor: string | null,
): Promise<Page> {
  const types = Object.keys(stripeEvents);
  const oldest = toUnix(clock()) - EVENT_DAYS * 86_400;
  try {
    const list = await stripe.events.list({
      ...listed(Math.max(since, oldest), cursor),
      ...(types.length <= MOST_TYPES ? { types } : {}),
    });
    return page(list, ofEvent);
  } catch (error) {
    // The rest can be looked at all the same.
    if (!isForbidden(error)) throw error;
    const problem = `events: the Stripe key may not read them, which docs/stripe.md asks for: ${messageOf(error)}`;
    return { found: [{ problem }], next: null, reached: null };
  }
}

function ofEvent({ id, type, account, data }: Stripe.Event): Found[] {
  const route = routeOf(type);
  if (!route || account) return [];
  try {
    const subject = route.about(data.object);
    if ('nothing' in subject) return [];
    const { payment, name, bring } = subject.found;
    return payment && route.ofPayment
      ? [{ payment: payment.paymentIntent, useCase: route.ofPayment }]
      : [{ name, bring }];
  } catch (error) {
    return [{ problem: `${id} (${type}): ${messageOf(error)}` }];
  }
}

function adjusted({ payment_intent }: { payment_intent: string | { id: string } | null }): Found[] {
  const payment = typeof payment_intent === 'string' ? payment_intent : payment_intent?.id;
  return payment ? [{ payment, useCase: adjustPayment }] : [];
}

function listed(since: number, cursor: string | null) {
  return { created: { gte: since }, limit: PAGE, ...(cursor ? { starting_after: cursor } : {}) };
}

function page<T extends { id: string; created: number }>(list: Stripe.ApiList<T>, of: (object: T) => Found[]): Page {
  const last = list.data.at(-1);
  return { found: list.data.flatMap(of), next: list.has_more && last ? last.id : null, reached: last?.created ?? 0 };
}
