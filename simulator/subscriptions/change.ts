import { keepPrice } from '../catalog/price.ts';
import type { Context } from '../core/context.ts';
import { type BillingLine, periodLine } from './billing-line.ts';
import { periodAround } from './calendar.ts';
import { type Debit, newItem, type Period, periodAt, planOf, setDebits } from './item.ts';
import { chargeLines, creditLines } from './proration.ts';
import type { Subscription, SubscriptionItem } from './subscription.ts';
import { fullAmount, recurringOf, sameInterval, type Terms, termsOf } from './terms.ts';

/** What a subscription is to become. */
export interface Change {
  /** All items as they are going to be. */
  readonly terms: readonly Terms[];
  /** The moment from which on the change counts, in seconds: `proration_date`, else now. */
  readonly at: number;
  readonly prorates: boolean;
  /** Starts the billing periods anew. */
  readonly anchorNow: boolean;
  /** Undefined: as it was. Null: no trial (any more). Seconds. */
  readonly trialEnd: number | null | undefined;
}

/** The change with all that it costs, worked out before anything has happened. */
export interface Turnover {
  readonly lines: readonly BillingLine[];
  /** New periods begin, and they are billed at once. */
  readonly restarts: boolean;
  readonly items: readonly ItemPlan[];
  /** Where the periods are counted from afterwards. Seconds. */
  readonly anchor: number;
  /** Changes the subscription and its items. What changes of a stored object is told by whoever calls it. */
  apply(context: Context, subscription: Subscription): void;
}

interface ItemPlan {
  readonly terms: Terms;
  readonly period: Period;
  readonly debits: readonly Debit[] | undefined;
}

/**
 * Prices, quantities, trial and periods after a change, and the lines that settle it. Both the invoice and its preview are made
 * of these. Source: https://docs.stripe.com/billing/subscriptions/prorations
 */
export function planChange(context: Context, subscription: Subscription, change: Change): Turnover {
  const before = subscription.items.data;
  const now = context.now();
  if (subscription.status === 'trialing' && change.trialEnd !== null && !change.anchorNow) {
    return duringTrial(subscription, change);
  }
  const restarts = change.anchorNow || change.trialEnd !== undefined || needsRestart(before, change.terms);
  if (!restarts) return withinPeriods(context, subscription, change);
  const trialEnd = change.trialEnd ?? null;
  const anchor = trialEnd ?? now;
  const credits =
    !change.prorates || subscription.status === 'trialing'
      ? []
      : before.flatMap((item) => creditLines(context, subscription, item, change.at));
  const items = change.terms.map((terms): ItemPlan => {
    const period = trialEnd === null ? periodAt(anchor, recurringOf(terms.price), now) : { start: now, end: trialEnd };
    return { terms, period, debits: [] };
  });
  const charges = items.map(({ terms, period }) => periodLine(context, terms, period, trialEnd !== null));
  return turnover([...credits, ...charges], true, items, anchor, (changed) => {
    if (change.trialEnd !== undefined) setTrial(changed, trialEnd, now);
  });
}

/** A trial that goes on costs nothing, whatever is in it. */
function duringTrial(subscription: Subscription, { terms, trialEnd }: Change): Turnover {
  const start = subscription.trial_start ?? subscription.created;
  const over = trialEnd ?? subscription.trial_end ?? start;
  const items = terms.map((one): ItemPlan => ({ terms: one, period: { start, end: over }, debits: [] }));
  return turnover([], false, items, over, (changed) => {
    changed.trial_end = over;
  });
}

function withinPeriods(context: Context, subscription: Subscription, { terms, at, prorates }: Change): Turnover {
  const before = new Map(subscription.items.data.map((item) => [item.id, item]));
  const kept = new Set(terms.map(({ id }) => id));
  const gone = subscription.items.data.filter(({ id }) => !kept.has(id));
  const lines: BillingLine[] = prorates ? gone.flatMap((item) => creditLines(context, subscription, item, at)) : [];
  const items = terms.map((after): ItemPlan => {
    const item = before.get(after.id);
    const period = item === undefined ? newPeriod(subscription, after, at) : periodOf(item);
    if ((item !== undefined && costsTheSame(item, after)) || !prorates) {
      return { terms: after, period, debits: item === undefined ? [] : undefined };
    }
    const charged = chargeLines(context, subscription, after, period, at);
    lines.push(...(item === undefined ? [] : creditLines(context, subscription, item, at)), ...charged);
    return { terms: after, period, debits: charged.map(debitOf) };
  });
  return turnover(lines, false, items, subscription.billing_cycle_anchor, () => {});
}

function turnover(
  lines: readonly BillingLine[],
  restarts: boolean,
  items: readonly ItemPlan[],
  anchor: number,
  also: (subscription: Subscription) => void,
): Turnover {
  return {
    lines,
    restarts,
    items,
    anchor,
    apply(context, subscription) {
      subscription.billing_cycle_anchor = anchor;
      also(subscription);
      const before = subscription.items.data;
      subscription.items.data = items.map((plan) => applied(context, subscription, plan));
      for (const { id } of before) {
        if (!subscription.items.data.some((item) => item.id === id)) context.store.subscription_item.delete(id);
      }
    },
  };
}

function applied(context: Context, subscription: Subscription, { terms, period, debits }: ItemPlan): SubscriptionItem {
  const item = context.store.subscription_item.get(terms.id) ?? newItem(context, subscription, terms, period);
  item.price = keepPrice(context, terms.price);
  item.plan = planOf(terms.price);
  item.quantity = terms.quantity;
  item.metadata = terms.metadata;
  item.tax_rates = terms.taxRates;
  item.current_period_start = period.start;
  item.current_period_end = period.end;
  if (debits !== undefined) setDebits(item, debits);
  return item;
}

function setTrial(subscription: Subscription, trialEnd: number | null, now: number): void {
  if (trialEnd === null) {
    if (subscription.trial_end !== null && subscription.trial_end > now) subscription.trial_end = now;
    if (subscription.status === 'trialing') subscription.status = 'active';
    return;
  }
  subscription.status = 'trialing';
  subscription.trial_start = now;
  subscription.trial_end = trialEnd;
}

const periodOf = ({ current_period_start: start, current_period_end: over }: SubscriptionItem): Period => ({
  start,
  end: over,
});

const costsTheSame = (item: SubscriptionItem, { price, quantity }: Terms): boolean =>
  item.price.id === price.id && (item.quantity ?? 1) === quantity;

/** A further item falls in with the periods of the others. */
function newPeriod({ billing_cycle_anchor: anchor }: Subscription, { price }: Terms, at: number): Period {
  return periodAround(anchor, recurringOf(price), at);
}

/** Another interval begins anew, and so does what has cost nothing until now. */
function needsRestart(before: readonly SubscriptionItem[], after: readonly Terms[]): boolean {
  const otherInterval = after.some(({ id, price }) => {
    const item = before.find((one) => one.id === id);
    return item !== undefined && !sameInterval(item.price, price);
  });
  const free = before.every((item) => fullAmount(termsOf(item)) === 0);
  return otherInterval || (free && after.some((terms) => fullAmount(terms) > 0));
}

/** What a prorated charge is to whoever changes the subscription once more. */
function debitOf({ amount, period, quantity, price }: BillingLine): Debit {
  return { amount, start: period.start, end: period.end, quantity, price, charged: undefined };
}
