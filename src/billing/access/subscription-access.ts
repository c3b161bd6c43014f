import type { AccessPolicy, Plan } from '../policy/access.ts';
import { planOf } from '../subscriptions/plan-of.ts';
import { plannedEnd } from '../subscriptions/standing.ts';
import type { InvoiceLine, Item, Price, Subscription, SubscriptionInvoice } from '../subscriptions/subscription.ts';
import { type Grant, later, most } from './grant.ts';

/**
 * What a subscription gives, pure. It goes by what was paid, not by what Stripe calls the current period: that moves an hour
 * before the money of a renewal, and an upgrade changes the item before it is paid.
 */
export interface SubscriptionRecords {
  readonly subscription: Subscription;
  readonly invoices: readonly SubscriptionInvoice[];
  /** Of the lines of the invoices, by id. */
  readonly prices: ReadonlyMap<string, Price>;
  /** Invoices whose money has gone back: refunded in full, or lost in a dispute, as far as that ends something by the policy. */
  readonly takenBack: ReadonlySet<string>;
}

/** What may be used of one plan. */
interface Use {
  readonly plan: Plan;
  readonly quantity: number;
  readonly until: Date | null;
  readonly graceUntil: Date | null;
  readonly bridgedUntil: Date | null;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * A renewal is a draft for an hour, then it is tried; when our endpoint does not answer, Stripe leaves it a draft for up to three
 * days. As long as Stripe calls the subscription active, that is no failure.
 */
const RENEWAL_TAKES_MS = 73 * HOUR_MS;

export function grantsOfSubscription(records: SubscriptionRecords, policy: AccessPolicy): Grant[] {
  if (!isLive(records.subscription)) return [];
  const uses = records.subscription.items.flatMap((item) => useOf(item, records, policy) ?? []);
  const grants = uses.flatMap((use) => grantsOfUse(use));
  return [...Map.groupBy(grants, ({ feature }) => feature)].map(([feature, each]) => together(feature, each));
}

/** Whether it gives anything, or will once it is paid. */
export function isLive({ status }: Pick<Subscription, 'status'>): boolean {
  return status === 'active' || status === 'trialing' || status === 'past_due' || status === 'unpaid';
}

function useOf(item: Item, records: SubscriptionRecords, policy: AccessPolicy): Use | undefined {
  const { subscription } = records;
  if (subscription.pauseCollection !== null) {
    if (policy.while_collection_paused === 'end') return undefined;
    if (!isOwing(subscription)) return whilePaused(item, policy);
  }
  if (subscription.status === 'trialing') return onTrial(item, subscription, policy);
  if (item.price.usageType === 'metered') return inArrears(item, subscription, policy);
  if (subscription.collectionMethod === 'send_invoice') return byInvoice(item, records, policy);
  return inAdvance(item, records, policy);
}

/** Nobody who owes has more because nothing more is collected. */
function isOwing({ status }: Subscription): boolean {
  return status === 'past_due' || status === 'unpaid';
}

function whilePaused(item: Item, policy: AccessPolicy): Use | undefined {
  const plan = planOf(item.price, policy);
  if (!plan) return undefined;
  return { plan, quantity: item.quantity ?? 1, until: null, graceUntil: null, bridgedUntil: null };
}

function onTrial(item: Item, subscription: Subscription, policy: AccessPolicy): Use | undefined {
  const plan = planOf(item.price, policy);
  const { trialEnd, afterTrial, paymentMethod } = subscription;
  if (!plan || !trialEnd) return undefined;
  const until = earlier(trialEnd, plannedEnd(subscription));
  const goesOn =
    isBefore(trialEnd, plannedEnd(subscription)) && (afterTrial === 'create_invoice' || paymentMethod !== null);
  return { plan, quantity: item.quantity ?? 1, until, graceUntil: null, bridgedUntil: goesOn ? bridge(until) : null };
}

/** Charged for what was used: it holds as long as Stripe says so. */
function inArrears(item: Item, subscription: Subscription, policy: AccessPolicy): Use | undefined {
  const plan = planOf(item.price, policy);
  if (!plan) return undefined;
  const use = { plan, quantity: 1, bridgedUntil: null };
  if (subscription.status === 'active') return { ...use, until: plannedEnd(subscription), graceUntil: null };
  return { ...use, until: item.periodStart, graceUntil: grace(item.periodStart, policy) };
}

/**
 * Until the invoice is due, and in grace after; for as long as its time once it is paid. That of a change gives nothing before: what
 * costs more is given when it is paid.
 */
function byInvoice(item: Item, records: SubscriptionRecords, policy: AccessPolicy): Use | undefined {
  const paid = inAdvance(item, records, policy);
  const open = records.invoices
    .filter(({ status, billingReason }) => status === 'open' && billingReason !== 'subscription_update')
    .filter(({ lines }) => lines.some((line) => line.item === item.id))
    .flatMap(({ dueDate }) => dueDate ?? []);
  const plan = planOf(item.price, policy);
  if (!plan || open.length === 0) return paid;
  const due = new Date(Math.min(...open.map((moment) => moment.getTime())));
  if (paid?.until && paid.until > due) return { ...paid, graceUntil: null };
  const until = earlier(due, plannedEnd(records.subscription));
  return { plan, quantity: item.quantity ?? 1, until, graceUntil: grace(until, policy), bridgedUntil: null };
}

/** Until the end of what was paid. */
function inAdvance(item: Item, records: SubscriptionRecords, policy: AccessPolicy): Use | undefined {
  const { subscription, prices } = records;
  const last = lastPaid(item, records);
  if (!last) return undefined;
  const paidFor = last.price === null ? undefined : prices.get(last.price);
  const isSwitched = !paidFor || paidFor.id === item.price.id || isNoMore(item.price, paidFor);
  const plan = planOf(isSwitched ? item.price : paidFor, policy);
  if (!plan) return undefined;
  const until = earlier(last.periodEnd, plannedEnd(subscription));
  return {
    plan,
    quantity: isSwitched ? Math.min(item.quantity ?? 1, last.quantity ?? 1) : (last.quantity ?? 1),
    until,
    graceUntil: subscription.status === 'active' ? null : grace(until, policy),
    bridgedUntil:
      subscription.status === 'active' && isBefore(last.periodEnd, plannedEnd(subscription)) ? bridge(until) : null,
  };
}

/**
 * What was paid last for an item, at whatever price: the time that begins latest. A price that was paid long ago says nothing about
 * today. Credits are no payment. Of several lines for the same time that over the most counts: an increase is one more line beside
 * the first.
 */
function lastPaid(item: Item, { subscription, invoices, takenBack }: SubscriptionRecords): InvoiceLine | undefined {
  const { id, price } = item;
  const charged = invoices
    .filter((invoice) => invoice.status === 'paid' && !takenBack.has(invoice.id))
    .flatMap(({ lines }) => lines)
    .filter(({ amount }) => amount >= 0);
  const own = charged.filter((line) => line.item === id || (line.item === null && line.price === price.id));
  const paid = own.length > 0 ? own : charged.filter((line) => isOfPredecessor(line, item, subscription));
  const [last] = paid.sort(
    (one, other) =>
      other.periodStart.getTime() - one.periodStart.getTime() ||
      other.periodEnd.getTime() - one.periodEnd.getTime() ||
      (other.quantity ?? 1) - (one.quantity ?? 1),
  );
  return last;
}

/** A change that a schedule makes begins a period with other items: the renewal of those before is on its way. */
function isOfPredecessor(line: InvoiceLine, item: Item, { items }: Subscription): boolean {
  return line.periodEnd.getTime() === item.periodStart.getTime() && !items.some(({ id }) => id === line.item);
}

/** Whether a price costs no more than what was paid: then there is nothing to wait for. Unknown counts as more. */
function isNoMore(price: Price, paid: Price): boolean {
  const [now, before] = [perDay(price), perDay(paid)];
  return now !== undefined && before !== undefined && price.currency === paid.currency && now <= before;
}

/** Days in a year and a month as they are on average. */
const DAYS = { day: 1, week: 7, month: 365.25 / 12, year: 365.25 } as const;

function perDay({ unitAmount, interval, intervalCount }: Price): number | undefined {
  if (unitAmount === null || interval === null) return undefined;
  return unitAmount / (DAYS[interval] * (intervalCount ?? 1));
}

function bridge(until: Date): Date {
  return new Date(until.getTime() + RENEWAL_TAKES_MS);
}

function grace(until: Date, { grace_days: days }: AccessPolicy): Date {
  return new Date(until.getTime() + days * DAY_MS);
}

function earlier(moment: Date, end: Date | null): Date {
  return end && end < moment ? end : moment;
}

/** Whether something goes on after this moment. */
function isBefore(moment: Date, end: Date | null): boolean {
  return end === null || moment < end;
}

function grantsOfUse({ plan, quantity, until, graceUntil, bridgedUntil }: Use): Grant[] {
  return Object.entries(plan.features).map(([feature, value]) => ({
    feature,
    value: value === true ? null : typeof value === 'object' ? value.per_unit * quantity : value,
    until,
    graceUntil,
    bridgedUntil,
  }));
}

/** Items add up: of two that give seats there are as many as both give. What is no number is the most there is. */
function together(feature: string, grants: readonly Grant[]): Grant {
  const numbers = grants.flatMap(({ value }) => (typeof value === 'number' ? [value] : []));
  const value =
    numbers.length > 0 ? numbers.reduce((sum, number) => sum + number, 0) : most(grants.map((each) => each.value));
  const latest = (moments: readonly (Date | null)[]) => {
    const known = moments.flatMap((moment) => moment ?? []);
    return known.length === 0 ? null : new Date(Math.max(...known.map((moment) => moment.getTime())));
  };
  return {
    feature,
    value,
    until: grants.map(({ until }) => until).reduce(later),
    graceUntil: latest(grants.map(({ graceUntil }) => graceUntil)),
    bridgedUntil: latest(grants.map(({ bridgedUntil }) => bridgedUntil)),
  };
}
