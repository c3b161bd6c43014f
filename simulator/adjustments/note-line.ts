import type { Context } from '../core/context.ts';
import { type DiscountAmount, sum, type Tax } from '../invoicing/totals.ts';
import type { NoteLine } from './note-records.ts';

/** What a line of a note takes back: before discounts, without exclusive tax. */
export interface Credit {
  amount: number;
  discounts: DiscountAmount[];
  taxes: Tax[];
}

/** Tax that comes on top of amounts, in minor units. */
export const exclusive = (taxes: readonly Tax[]): number =>
  sum(taxes.filter((tax) => tax.tax_behavior === 'exclusive').map(({ amount }) => amount));

/** What a line adds to the total of its note. */
export const worth = (line: NoteLine): number => line.amount - line.discount_amount + exclusive(line.taxes ?? []);

/** A line with these figures and nothing else. */
export function blankLine(context: Context, { amount, discounts, taxes }: Credit): NoteLine {
  const discount_amounts = discounts.filter((one) => one.amount !== 0);
  return {
    id: context.id('cnli_'),
    object: 'credit_note_line_item',
    amount,
    description: null,
    discount_amount: sum(discount_amounts.map((one) => one.amount)),
    discount_amounts,
    livemode: context.livemode,
    metadata: {},
    pretax_credit_amounts: discount_amounts.map((one) => ({ ...one, type: 'discount' as const })),
    quantity: null,
    tax_rates: [],
    taxes: [...taxes],
    type: 'custom_line_item',
    unit_amount: null,
    unit_amount_decimal: null,
  };
}
