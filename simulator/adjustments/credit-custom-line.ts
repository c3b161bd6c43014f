import type { Context } from '../core/context.ts';
import { invalidParam, missingParam, refused } from '../core/errors.ts';
import { mergeMetadata } from '../core/shared-params.ts';
import { isAutomaticRate } from '../invoicing/given-tax.ts';
import { within } from '../invoicing/param-path.ts';
import { sumUp, type Tax } from '../invoicing/totals.ts';
import type { SentLine, SentTax } from './credit-note-params.ts';
import { blankLine } from './note-line.ts';
import type { NoteLine } from './note-records.ts';

/** A line of its own, with a price of its own. */
export function creditCustomLine(context: Context, sent: SentLine, param: string): NoteLine {
  for (const name of ['amount', 'invoice_line_item'] as const) {
    if (sent[name] !== undefined)
      throw invalidParam(`${name} is only valid for an invoice_line_item.`, within(param, name));
  }
  const unitAmount = sent.unit_amount ?? sent.unit_amount_decimal;
  if (unitAmount === undefined) throw missingParam(within(param, 'unit_amount'));
  const quantity = sent.quantity ?? 1;
  const amount = Math.round(unitAmount * quantity);
  const rates = (sent.tax_rates ?? []).map((id) => context.store.tax_rate.need(id, within(param, 'tax_rates')));
  if (sent.tax_amounts != null && rates.length > 0) {
    throw invalidParam(
      'You may only specify one of these parameters: tax_amounts, tax_rates.',
      within(param, 'tax_amounts'),
      'parameters_exclusive',
    );
  }
  const taxation = sent.tax_amounts == null ? { rates } : { amounts: customTaxes(context, sent.tax_amounts, param) };
  const sums = sumUp([{ amount, discountable: false, reductions: [], taxation }], []);
  return {
    ...blankLine(context, { amount, discounts: [], taxes: sums.taxes }),
    description: sent.description ?? null,
    metadata: mergeMetadata({}, sent.metadata),
    quantity,
    tax_rates: rates,
    type: 'custom_line_item',
    unit_amount: sent.unit_amount ?? null,
    unit_amount_decimal: String(unitAmount),
  };
}

function customTaxes(context: Context, sent: readonly SentTax[], param: string): Tax[] {
  return sent.map(({ amount, tax_rate: id, taxable_amount }, index) => {
    const at = within(param, 'tax_amounts', String(index), 'tax_rate');
    const rate = context.store.tax_rate.need(id, at);
    if (!isAutomaticRate(rate)) {
      throw refused('The tax rate must have been automatically created by Stripe.', { param: at });
    }
    return {
      amount,
      tax_behavior: rate.inclusive ? 'inclusive' : 'exclusive',
      tax_rate_details: { tax_rate: id },
      taxability_reason: 'not_available',
      taxable_amount,
      type: 'tax_rate_details',
    };
  });
}
