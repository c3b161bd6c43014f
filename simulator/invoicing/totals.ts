import type Stripe from 'stripe';
import { allocate, percentOf } from '../core/allocate.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { Wire } from '../core/wire.ts';

export type Tax = Wire<Stripe.InvoiceLineItem.Tax>;
type TaxRate = ObjectTypes['tax_rate'];

/** A discount in figures: one of the two is set. `amountOff` is in the invoice's minor units. */
export interface Reduction {
  discount: string;
  percentOff: number | null;
  amountOff: number | null;
}

/** How a line is taxed: by amounts that somebody else calculated, or by rates that are applied here. */
export type Taxation = { amounts: readonly Tax[] } | { rates: readonly TaxRate[] };

/** What a line brings to the sum. `amount` is before discounts; taxes are in it only where they are inclusive. */
export interface Summand {
  amount: number;
  discountable: boolean;
  reductions: readonly Reduction[];
  taxation: Taxation;
}

export interface DiscountAmount {
  amount: number;
  discount: string;
}

export interface Sums {
  subtotal: number;
  subtotalExcludingTax: number;
  total: number;
  totalExcludingTax: number;
  discountAmounts: DiscountAmount[];
  taxes: Tax[];
  lines: { discountAmounts: DiscountAmount[]; taxes: Tax[] }[];
}

/**
 * The figures of an invoice: total = lines − discounts + exclusive tax. A line's own discounts come before those of the
 * invoice; tax is on what is left, rounded per line. Source: https://docs.stripe.com/invoicing/line-item-grouping and
 * https://docs.stripe.com/billing/invoices/subscription#discounts
 */
export function sumUp(lines: readonly Summand[], invoiceReductions: readonly Reduction[]): Sums {
  const rows = lines.map((line): Row => ({ line, left: line.amount, discountAmounts: [] }));
  for (const row of rows) {
    for (const reduction of row.line.reductions) reduce([row], reduction);
  }
  const subtotal = sum(rows.map(({ left }) => left));
  for (const reduction of invoiceReductions) {
    reduce(
      rows.filter(({ line }) => line.discountable),
      reduction,
    );
  }
  const taxed = rows.map(({ line, left, discountAmounts }) => ({
    discountAmounts,
    taxes: taxesOf(line.taxation, left),
  }));
  const taxes = taxed.flatMap((line) => line.taxes);
  const exclusive = sum(taxes.filter((tax) => tax.tax_behavior === 'exclusive').map(({ amount }) => amount));
  const inclusive = sum(taxes.filter((tax) => tax.tax_behavior === 'inclusive').map(({ amount }) => amount));
  const discounted = sum(rows.map(({ left }) => left));
  return {
    subtotal,
    subtotalExcludingTax: subtotal - inclusive,
    total: discounted + exclusive,
    totalExcludingTax: discounted - inclusive,
    discountAmounts: mergeDiscounts(rows.flatMap(({ discountAmounts }) => discountAmounts)),
    taxes: mergeTaxes(taxes),
    lines: taxed,
  };
}

interface Row {
  readonly line: Summand;
  left: number;
  discountAmounts: DiscountAmount[];
}

/** Takes one reduction from these rows together; rows without anything left do not take part. */
function reduce(rows: readonly Row[], { discount, percentOff, amountOff }: Reduction): void {
  const reducible = rows.filter(({ left }) => left > 0);
  const available = sum(reducible.map(({ left }) => left));
  const wanted = percentOff === null ? (amountOff ?? 0) : percentOf(available, percentOff);
  const parts = allocate(
    Math.min(wanted, available),
    reducible.map(({ left }) => left),
  );
  for (const [index, row] of reducible.entries()) {
    const amount = parts[index] ?? 0;
    row.left -= amount;
    row.discountAmounts.push({ amount, discount });
  }
}

function taxesOf(taxation: Taxation, left: number): Tax[] {
  if ('amounts' in taxation) return [...taxation.amounts];
  const inclusivePercent = sum(taxation.rates.filter(({ inclusive }) => inclusive).map(({ percentage }) => percentage));
  // Inclusive rates share one net price; exclusive ones come on top of it.
  const net = left - Math.round((left * inclusivePercent) / (100 + inclusivePercent));
  return taxation.rates.map((rate) => ({
    amount: rate.inclusive
      ? Math.round((left * rate.percentage) / (100 + inclusivePercent))
      : percentOf(net, rate.percentage),
    tax_behavior: rate.inclusive ? 'inclusive' : 'exclusive',
    tax_rate_details: { tax_rate: rate.id },
    taxability_reason: 'not_available',
    taxable_amount: net,
    type: 'tax_rate_details',
  }));
}

export function mergeDiscounts(amounts: readonly DiscountAmount[]): DiscountAmount[] {
  const merged = new Map<string, DiscountAmount>();
  for (const { amount, discount } of amounts) {
    const before = merged.get(discount)?.amount ?? 0;
    merged.set(discount, { amount: before + amount, discount });
  }
  return [...merged.values()];
}

/** One entry per tax rate, behaviour and reason. */
export function mergeTaxes(taxes: readonly Tax[]): Tax[] {
  const merged = new Map<string, Tax>();
  for (const tax of taxes) {
    const key = `${tax.tax_rate_details?.tax_rate} ${tax.tax_behavior} ${tax.taxability_reason}`;
    const before = merged.get(key);
    merged.set(key, {
      ...tax,
      amount: tax.amount + (before?.amount ?? 0),
      taxable_amount: (tax.taxable_amount ?? 0) + (before?.taxable_amount ?? 0),
    });
  }
  return [...merged.values()];
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
