import { taxType } from '../catalog/tax-rates.ts';
import type { Context } from '../core/context.ts';
import { invalidParam } from '../core/errors.ts';
import { HiddenField } from '../core/hidden-field.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { array, bool, clearable, decimal, int, object, oneOf, type Params, required, string } from '../core/params.ts';
import type { Tax } from './totals.ts';

type TaxRate = ObjectTypes['tax_rate'];

const rateShape = {
  country: string({ max: 2 }),
  description: string(),
  display_name: required(string({ max: 50 })),
  inclusive: required(bool()),
  jurisdiction: string({ max: 200 }),
  jurisdiction_level: oneOf('city', 'country', 'county', 'district', 'multiple', 'state'),
  percentage: required(decimal({ min: 0, max: 100 })),
  state: string({ max: 2 }),
  tax_type: taxType(),
} as const;

const taxAmountShape = {
  amount: required(int()),
  tax_rate_data: required(object(rateShape)),
  taxability_reason: oneOf(
    'customer_exempt',
    'not_collecting',
    'not_subject_to_tax',
    'not_supported',
    'portion_product_exempt',
    'portion_reduced_rated',
    'portion_standard_rated',
    'product_exempt',
    'product_exempt_holiday',
    'proportionally_rated',
    'reduced_rated',
    'reverse_charge',
    'standard_rated',
    'taxable_basis_reduced',
    'zero_rated',
  ),
  taxable_amount: required(int()),
} as const;

/** Tax that the caller has calculated, at most 20 amounts per line; an empty string removes them. */
export const taxAmountsParam = () => clearable(array(object(taxAmountShape), { max: 20 }));

export type SentTaxAmount = Params<typeof taxAmountShape>;

/** Checks the amounts of one line. */
export function checkTaxAmounts(sent: readonly SentTaxAmount[], param: string): void {
  for (const [index, { tax_rate_data: rate }] of sent.entries()) {
    const scaled = rate.percentage * 1e4;
    if (Math.abs(scaled - Math.round(scaled)) > 1e-6) {
      const name = `${param}[${index}][tax_rate_data][percentage]`;
      throw invalidParam(`Invalid decimal: ${rate.percentage}; must have at most 4 decimal places`, name);
    }
  }
}

/** The tax entries of a line. Each finds or creates the tax rate that its data describes. */
export function givenTaxes(context: Context, sent: readonly SentTaxAmount[]): Tax[] {
  return sent.map((tax) => ({
    amount: tax.amount,
    tax_behavior: tax.tax_rate_data.inclusive ? 'inclusive' : 'exclusive',
    tax_rate_details: { tax_rate: findOrCreateRate(context, tax.tax_rate_data).id },
    taxability_reason: tax.taxability_reason ?? 'not_available',
    taxable_amount: tax.taxable_amount,
    type: 'tax_rate_details',
  }));
}

/** The data that a rate was made from by tax amounts: archived at once, and reused only for tax amounts. */
const madeFrom = new HiddenField<TaxRate, string>('made from');

function findOrCreateRate(context: Context, data: Params<typeof rateShape>): TaxRate {
  const key = JSON.stringify(data);
  const [known] = context.store.tax_rate.oldestFirst((rate) => madeFrom.get(rate) === key);
  if (known !== undefined) return known;
  const rate = context.store.tax_rate.add({
    id: context.id('txr_'),
    object: 'tax_rate',
    active: false,
    country: data.country ?? null,
    created: context.now(),
    description: data.description ?? null,
    display_name: data.display_name,
    effective_percentage: null,
    flat_amount: null,
    inclusive: data.inclusive,
    jurisdiction: data.jurisdiction ?? null,
    jurisdiction_level: data.jurisdiction_level ?? null,
    livemode: context.livemode,
    metadata: {},
    percentage: data.percentage,
    rate_type: 'percentage',
    state: data.state ?? null,
    tax_type: data.tax_type ?? null,
  });
  madeFrom.set(rate, key);
  return rate;
}

/** Whether this rate was made from tax amounts; only such rates can be named by later ones. */
export const isAutomaticRate = (rate: TaxRate): boolean => madeFrom.has(rate);
