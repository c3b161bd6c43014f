import type Stripe from 'stripe';
import { fromUnix } from '../../platform/clock.ts';
import type { AccessPolicy } from '../policy/access.ts';
import { planOf } from '../subscriptions/plan-of.ts';
import type { Item, Price } from '../subscriptions/subscription.ts';
import type { Target } from './targets.ts';

/** What a change costs, before it is made. Amounts are Stripe's, in minor units: nothing is computed anew. */
export interface Preview extends Costs {
  readonly currency: string;
  readonly items: readonly ItemChange[];
  readonly takesEffect: 'at_once' | 'when_paid' | 'period_end';
  /** Of a change at the end of the period. */
  readonly takesEffectAt: Date | null;
  /** What that next period will cost, of which nothing is due before. */
  readonly renewal: { readonly total: number; readonly lines: readonly PreviewLine[] } | null;
}

/** What is due now. */
export interface Costs {
  /** Is charged, or invoiced, with the change: after the customer's balance, never below 0. */
  readonly dueNow: number;
  /** Of the invoice of the change; below 0 it is a credit, which goes to the customer's balance. */
  readonly total: number;
  /** What the customer's balance pays of it; below 0: what it adds. */
  readonly balanceUsed: number;
  /** Before discounts and taxes, which the total has. */
  readonly lines: readonly PreviewLine[];
  /** From when it counts, in seconds; null: nothing is prorated. */
  readonly prorationDate: number | null;
}

export interface PreviewLine {
  readonly description: string;
  readonly amount: number;
  /** Part of a period: given back below 0, asked for above. */
  readonly proration: boolean;
  readonly periodStart: Date;
  readonly periodEnd: Date;
}

export interface ItemChange {
  /** Null: a further item. */
  readonly item: string | null;
  readonly before: Terms | null;
  /** Null: it is removed. */
  readonly after: Terms | null;
}

export interface Terms {
  readonly price: string;
  /** By the application's name. */
  readonly plan: string | null;
  readonly quantity: number | null;
}

export const NOTHING_DUE: Costs = { dueNow: 0, total: 0, balanceUsed: 0, lines: [], prorationDate: null };

/**
 * Pure. Where a change makes no invoice, Stripe shows that of the next period instead: of it nothing is due now.
 * @param items as they are now
 */
export function costsOf(invoice: Stripe.Invoice, items: readonly Pick<Item, 'periodEnd'>[]): Costs {
  if (!isOfChange(invoice, items)) return NOTHING_DUE;
  const { amount_due: dueNow, total } = invoice;
  return {
    dueNow,
    total,
    balanceUsed: Math.max(0, total) - dueNow,
    lines: linesOf(invoice),
    prorationDate: invoice.parent?.subscription_details?.subscription_proration_date ?? null,
  };
}

function isOfChange({ created }: Stripe.Invoice, items: readonly Pick<Item, 'periodEnd'>[]): boolean {
  return fromUnix(created).getTime() < Math.min(...items.map(({ periodEnd }) => periodEnd.getTime()));
}

export function linesOf({ lines }: Stripe.Invoice): PreviewLine[] {
  return lines.data.map(({ description, amount, parent, period }) => ({
    description: description ?? '',
    amount,
    proration: parent?.subscription_item_details?.proration ?? parent?.invoice_item_details?.proration ?? false,
    periodStart: fromUnix(period.start),
    periodEnd: fromUnix(period.end),
  }));
}

export function itemChanges(targets: readonly Target[], policy: AccessPolicy): ItemChange[] {
  const terms = (price: Price, quantity: number | null): Terms => ({
    price: price.id,
    plan: planOf(price, policy)?.plan ?? null,
    quantity,
  });
  return targets.map((target) => ({
    item: target.kind === 'added' ? null : target.item.id,
    before: target.kind === 'added' ? null : terms(target.item.price, target.item.quantity),
    after: target.kind === 'removed' ? null : terms(target.price, target.quantity),
  }));
}

/** What whoever confirms has seen. */
export type Expected = Pick<Costs, 'dueNow' | 'total'>;

/** So long a preview may be confirmed: later, less of the period would be charged, and more of it be given back than is left. */
const HOLDS_SECONDS = 3_600;

/**
 * Why a preview does not hold any more, pure; undefined: it does.
 * @param now Stripe's, in seconds; null where it is not told
 */
export function staleness(
  expected: Pick<Costs, 'dueNow' | 'total' | 'prorationDate'>,
  { costs, at }: { readonly costs: Costs; readonly at: number | null },
): 'amounts' | 'age' | undefined {
  const isSame =
    costs.dueNow === expected.dueNow &&
    costs.total === expected.total &&
    costs.prorationDate === expected.prorationDate;
  if (!isSame) return 'amounts';
  return at !== null && costs.prorationDate !== null && at - costs.prorationDate > HOLDS_SECONDS ? 'age' : undefined;
}
