import type { Context } from '../core/context.ts';
import { formatAmount } from '../core/currencies.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { Debit, Period } from './item.ts';
import { fullAmount, recurringOf, type Terms } from './terms.ts';

/**
 * A line that an invoice of a subscription is going to have. Previews and invoices are made of the same ones: what decides an
 * amount decides it here, before either exists.
 */
export interface BillingLine {
  /** si_… */
  readonly item: string;
  readonly price: ObjectTypes['price'];
  readonly quantity: number;
  /** Minor units; negative for a credit. */
  readonly amount: number;
  readonly description: string;
  readonly period: Period;
  readonly proration: boolean;
  /** What a credit gives back. */
  readonly credits: Debit | undefined;
  readonly taxRates: Terms['taxRates'];
}

const nameOf = (context: Context, { price }: Pick<Terms, 'price'>): string =>
  context.store.product.get(price.product)?.name ?? 'Subscription';

const dateOf = (seconds: number): string =>
  new Date(seconds * 1000).toLocaleDateString('en-GB', {
    day: '2-digit',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });

/** A whole period. One of a trial costs nothing. */
export function periodLine(context: Context, terms: Terms, period: Period, trial: boolean): BillingLine {
  const { price, quantity, taxRates } = terms;
  const { interval, interval_count: count } = recurringOf(price);
  const each = formatAmount(Number(price.unit_amount_decimal ?? 0), price.currency);
  const every = count === 1 ? interval : `every ${count} ${interval}s`;
  const name = nameOf(context, terms);
  return {
    item: terms.id,
    price,
    quantity,
    amount: trial ? 0 : fullAmount(terms),
    description: trial ? `Trial period for ${name}` : `${quantity} × ${name} (at ${each} / ${every})`,
    period,
    proration: false,
    credits: undefined,
    taxRates,
  };
}

/** The part of a period from a moment on: `remaining` is charged anew, `unused` given back. */
export function partLine(
  context: Context,
  kind: 'remaining' | 'unused',
  terms: Terms,
  period: Period,
  amount: number,
  credits?: Debit,
): BillingLine {
  const { price, quantity, taxRates } = terms;
  const what = quantity === 1 ? nameOf(context, terms) : `${quantity} × ${nameOf(context, terms)}`;
  return {
    item: terms.id,
    price,
    quantity,
    amount: kind === 'unused' ? 0 - amount : amount,
    description: `${kind === 'unused' ? 'Unused' : 'Remaining'} time on ${what} after ${dateOf(period.start)}`,
    period,
    proration: true,
    credits,
    taxRates,
  };
}
