import { allocate, percentOf } from '../core/allocate.ts';
import type { ObjectTypes } from '../core/objects.ts';

type TaxRate = ObjectTypes['tax_rate'];
type Coupon = ObjectTypes['coupon'];

/** What a line costs before anything is taken off or put on, in minor units. */
export interface LineInput {
  subtotal: number;
  rates: readonly TaxRate[];
}

export interface LineTax {
  rate: TaxRate;
  amount: number;
  taxable: number;
}

/** `total` = subtotal − discount + exclusive taxes. Inclusive taxes are contained in the subtotal. */
export interface LineAmounts {
  subtotal: number;
  discount: number;
  tax: number;
  total: number;
  taxes: LineTax[];
}

/** The amounts of all lines; one coupon at most, spread over them in proportion. */
export function lineAmounts(lines: readonly LineInput[], coupon: Coupon | undefined): LineAmounts[] {
  const discounts = discountsOf(
    lines.map(({ subtotal }) => subtotal),
    coupon,
  );
  return lines.map((line, index) => amountsOf(line, discounts[index] ?? 0));
}

function discountsOf(subtotals: readonly number[], coupon: Coupon | undefined): number[] {
  if (coupon === undefined) return subtotals.map(() => 0);
  const sum = subtotals.reduce((total, subtotal) => total + subtotal, 0);
  const off = coupon.percent_off === null ? (coupon.amount_off ?? 0) : percentOf(sum, coupon.percent_off);
  return allocate(Math.min(off, sum), subtotals);
}

function amountsOf({ subtotal, rates }: LineInput, discount: number): LineAmounts {
  const discounted = subtotal - discount;
  const inclusive = rates.filter((rate) => rate.inclusive);
  const percent = inclusive.reduce((sum, rate) => sum + rate.percentage, 0);
  const contained = discounted - Math.round(discounted / (1 + percent / 100));
  const net = discounted - contained;
  const shares = allocate(
    contained,
    // Percentages have at most four decimals.
    inclusive.map((rate) => Math.round(rate.percentage * 1e4)),
  );
  const within = inclusive.map((rate, index): LineTax => ({ rate, amount: shares[index] ?? 0, taxable: net }));
  const onTop = rates
    .filter((rate) => !rate.inclusive)
    .map((rate): LineTax => ({ rate, amount: percentOf(net, rate.percentage), taxable: net }));
  const added = onTop.reduce((sum, { amount }) => sum + amount, 0);
  return { subtotal, discount, tax: contained + added, total: discounted + added, taxes: [...within, ...onTop] };
}
