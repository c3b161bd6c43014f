import { keepPrice } from '../catalog/price.ts';
import type { Context } from '../core/context.ts';
import { HiddenField } from '../core/hidden-field.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { periodEnd, type Recurring } from './calendar.ts';
import type { Subscription, SubscriptionItem } from './subscription.ts';
import { recurringOf, type Terms } from './terms.ts';

type Price = ObjectTypes['price'];

/** What has been charged for time that an item has or had ahead of it, discounts taken off. */
export interface Debit {
  /** Minor units, for the whole of `start` to `end`. */
  readonly amount: number;
  readonly start: number;
  readonly end: number;
  readonly quantity: number;
  readonly price: Price;
  /** Where it was charged: filled in when the invoice is there. */
  readonly charged: { invoice: string; line: string } | undefined;
}

const debits = new HiddenField<SubscriptionItem, readonly Debit[]>('debits');

/** The debits of an item that reach beyond a moment, oldest first. */
export const debitsOf = (item: SubscriptionItem, at: number): readonly Debit[] =>
  (debits.get(item) ?? []).filter(({ end }) => end > at);

export const setDebits = (item: SubscriptionItem, all: readonly Debit[]): void => debits.set(item, all);

/** Where the periods of a subscription are counted from, and the one that something is in at a moment. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

export function periodAt(anchor: number, recurring: Recurring, start: number): Period {
  return { start, end: periodEnd(anchor, recurring, start) };
}

/** A new item of a subscription, stored. */
export function newItem(
  context: Context,
  subscription: Subscription,
  terms: Terms,
  { start, end }: Period,
): SubscriptionItem {
  const item: SubscriptionItem = {
    id: terms.id,
    object: 'subscription_item',
    billing_thresholds: null,
    created: context.now(),
    current_period_end: end,
    current_period_start: start,
    current_trial: null,
    discounts: [],
    metadata: terms.metadata,
    plan: planOf(terms.price),
    price: keepPrice(context, terms.price),
    quantity: terms.quantity,
    subscription: subscription.id,
    tax_rates: terms.taxRates,
  };
  return context.store.subscription_item.add(item);
}

/** The older twin of a price, which items still show. */
export function planOf(price: Price): SubscriptionItem['plan'] {
  const { interval, interval_count } = recurringOf(price);
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: 'per_unit',
    created: price.created,
    currency: price.currency,
    interval,
    interval_count,
    livemode: price.livemode,
    metadata: price.metadata,
    meter: null,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: 'licensed',
  };
}
