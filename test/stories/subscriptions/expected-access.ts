import type Stripe from 'stripe';
import { FEATURES, planNamed, type Value } from './catalog.ts';
import { idOf } from './world.ts';

/**
 * What somebody may use, worked out once more from what Stripe says and the tables of docs/subscriptions.md. It shares nothing
 * with the product, so that a mistake must be made twice to go unseen.
 */
export interface Bought {
  readonly customer: Stripe.Customer;
  /** Whether something of it tells who it is: a session that is complete, or metadata. */
  readonly isKnown: boolean;
  readonly subscriptions: readonly Stripe.Subscription[];
  /** With all of their lines. */
  readonly invoices: readonly Stripe.Invoice[];
  /** Invoices whose money has gone back, as far as that ends something. */
  readonly takenBack: ReadonlySet<string>;
  /** By id. */
  readonly prices: ReadonlyMap<string, Stripe.Price>;
}

export interface Policy {
  readonly grace_days: number;
  readonly while_collection_paused: 'keep' | 'end';
}

export interface Expected {
  readonly until: string | null;
  readonly grace_until: string | null;
  readonly value: number | null;
  /** Any of those that give it for the longest time. */
  readonly causes: readonly string[];
}

/** Moments in milliseconds; without an end: Infinity. */
interface Span {
  readonly until: number;
  readonly grace: number | undefined;
  readonly bridge: number | undefined;
}
type Given = Span & { readonly key: string; readonly quantity: number };
type Feature = Span & { readonly value: number | null; readonly cause: string };

const HOUR = 3_600_000;
const BRIDGE = 73 * HOUR;

export function expectedAccess(bought: Bought, policy: Policy, now: number): Record<string, Expected> {
  if (!bought.isKnown) return {};
  const all = bought.subscriptions.flatMap((subscription) => {
    const given = subscription.items.data.flatMap((item) => givenBy(item, subscription, bought, policy) ?? []);
    return addedUp(given, `subscription:${subscription.id}`);
  });
  const lasting = all.filter(([, { until, grace, bridge }]) => Math.max(until, grace ?? 0, bridge ?? 0) > now);
  const byName = Map.groupBy(lasting, ([name]) => name);
  return Object.fromEntries(
    [...byName].map(([name, each]) => [
      name,
      longest(
        each.map(([, feature]) => feature),
        now,
      ),
    ]),
  );
}

/** The first line that fits an item counts. */
function givenBy(
  item: Stripe.SubscriptionItem,
  subscription: Stripe.Subscription,
  bought: Bought,
  policy: Policy,
): Given | undefined {
  const { status, pause_collection: paused } = subscription;
  if (!['trialing', 'active', 'past_due', 'unpaid'].includes(status)) return undefined;
  const whole = { key: keyOf(item.price), quantity: item.quantity ?? 1 };
  const end = plannedEnd(subscription);
  if (paused !== null) {
    if (policy.while_collection_paused === 'end') return undefined;
    const owes = status === 'past_due' || status === 'unpaid';
    if (!owes) return { ...whole, until: Number.POSITIVE_INFINITY, grace: undefined, bridge: undefined };
  }
  if (status === 'trialing') {
    const over = (subscription.trial_end ?? 0) * 1_000;
    const card = subscription.default_payment_method ?? bought.customer.invoice_settings.default_payment_method;
    const isInvoiced = subscription.trial_settings?.end_behavior.missing_payment_method === 'create_invoice';
    const goesOn = end > over && (card !== null || isInvoiced);
    return { ...whole, until: Math.min(over, end), grace: undefined, bridge: goesOn ? over + BRIDGE : undefined };
  }
  return paidInAdvance(item, subscription, bought, policy);
}

function paidInAdvance(
  item: Stripe.SubscriptionItem,
  subscription: Stripe.Subscription,
  { invoices, takenBack, prices }: Bought,
  { grace_days: days }: Policy,
): Given | undefined {
  const paid = invoices
    .filter((invoice) => ofSubscription(invoice) === subscription.id && invoice.status === 'paid')
    .filter(({ id }) => !takenBack.has(id))
    .flatMap(({ lines }) => lines.data)
    .filter((line) => line.amount >= 0 && isOf(line, item));
  const [last] = paid.sort(
    (one, other) =>
      other.period.start - one.period.start ||
      other.period.end - one.period.end ||
      (other.quantity ?? 1) - (one.quantity ?? 1),
  );
  const before = last && prices.get(priceIdOf(last));
  if (!last || !before) return undefined;
  const costsNoMore = perDay(item.price) <= perDay(before);
  const over = last.period.end * 1_000;
  const end = plannedEnd(subscription);
  const until = Math.min(over, end);
  const isActive = subscription.status === 'active';
  return {
    key: keyOf(costsNoMore ? item.price : before),
    quantity: costsNoMore ? Math.min(item.quantity ?? 1, last.quantity ?? 1) : (last.quantity ?? 1),
    until,
    grace: isActive ? undefined : until + days * 24 * HOUR,
    bridge: isActive && end > over ? over + BRIDGE : undefined,
  };
}

/** What has waited for an invoice does not name its item. */
function isOf(line: Stripe.InvoiceLineItem, item: Stripe.SubscriptionItem): boolean {
  const named = line.parent?.subscription_item_details?.subscription_item;
  return named ? named === item.id : priceIdOf(line) === item.price.id;
}

const priceIdOf = ({ pricing }: Stripe.InvoiceLineItem): string => idOf(pricing?.price_details?.price ?? '');
const keyOf = ({ lookup_key }: Stripe.Price): string => lookup_key ?? '';

export function ofSubscription({ parent }: Stripe.Invoice): string {
  return idOf(parent?.subscription_details?.subscription ?? '');
}

/** Average days of an interval. */
function perDay({ unit_amount, recurring }: Stripe.Price): number {
  return (unit_amount ?? 0) / (recurring?.interval === 'year' ? 365.25 : 365.25 / 12);
}

/** Two fields say it, and either counts. */
function plannedEnd({ cancel_at: at, cancel_at_period_end: atEnd, items }: Stripe.Subscription): number {
  if (at !== null) return at * 1_000;
  if (!atEnd) return Number.POSITIVE_INFINITY;
  return Math.max(...items.data.map(({ current_period_end: over }) => over)) * 1_000;
}

/** Numbers of several items are added, and the longest counts. */
function addedUp(given: readonly Given[], cause: string): (readonly [string, Feature])[] {
  const all = given.flatMap((each) =>
    Object.entries(FEATURES[planNamed(each.key)] ?? {}).map(([name, value]) => ({ ...each, name, value })),
  );
  return [...Map.groupBy(all, ({ name }) => name)].map(([name, each]) => {
    const numbers = each.flatMap(({ value, quantity }) => amountOf(value, quantity) ?? []);
    const latest = (of: (span: Span) => number | undefined) => {
      const known = each.flatMap((span) => of(span) ?? []);
      return known.length === 0 ? undefined : Math.max(...known);
    };
    const feature: Feature = {
      cause,
      value: numbers.length === 0 ? null : numbers.reduce((sum, number) => sum + number, 0),
      until: Math.max(...each.map(({ until }) => until)),
      grace: latest(({ grace }) => grace),
      bridge: latest(({ bridge }) => bridge),
    };
    return [name, feature] as const;
  });
}

function amountOf(value: Value, quantity: number): number | undefined {
  if (value === true) return undefined;
  return typeof value === 'number' ? value : value.per_unit * quantity;
}

/** Of several causes: the longest, and the most that any of them gives. */
function longest(features: readonly Feature[], now: number): Expected {
  /** What is bridged over goes on for the time being. */
  const told = ({ until, bridge }: Feature) => (until <= now && bridge !== undefined && bridge > now ? bridge : until);
  const end = ({ until, grace, bridge }: Feature) => Math.max(until, grace ?? until, bridge ?? until);
  const order = (one: Feature, other: Feature) =>
    Math.sign(told(other) - told(one) || 0) || Math.sign(end(other) - end(one) || 0);
  const [first, ...others] = [...features].sort(order);
  if (!first) throw new Error('Bug: a feature that nothing gives');
  const numbers = features.flatMap(({ value }) => value ?? []);
  return {
    until: asDate(told(first)),
    grace_until: first.grace === undefined ? null : asDate(first.grace),
    value: numbers.length === 0 ? null : Math.max(...numbers),
    causes: [first, ...others.filter((other) => order(first, other) === 0)].map(({ cause }) => cause).sort(),
  };
}

function asDate(moment: number): string | null {
  return Number.isFinite(moment) ? new Date(moment).toISOString() : null;
}
