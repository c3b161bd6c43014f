import type { Context } from '../core/context.ts';
import { paginate } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { bool, decimal, oneOf, type Params, required, string, text } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { createdParam, inRange, listParams, mergeMetadata, metadata } from '../core/shared-params.ts';

type TaxRate = ObjectTypes['tax_rate'];

export const taxType = () =>
  oneOf(
    'admissions_tax',
    'amusement_tax',
    'attendance_tax',
    'communications_tax',
    'digital_excise_tax',
    'entertainment_tax',
    'get_fund',
    'gross_receipts_tax',
    'gst',
    'hospitality_tax',
    'hst',
    'igst',
    'jct',
    'lease_tax',
    'luxury_tax',
    'mass_transit_parking_tax',
    'nhil',
    'parking_tax',
    'pst',
    'qst',
    'resort_tax',
    'retail_delivery_fee',
    'rst',
    'sales_tax',
    'service_tax',
    'tourism_tax',
    'utility_users_tax',
    'vat',
  );

const shared = {
  active: bool(),
  country: text({ max: 2 }),
  description: text(),
  jurisdiction: text({ max: 50 }),
  metadata: metadata(),
  state: text({ max: 2 }),
  tax_type: taxType(),
} as const;

/** A tax in percent, contained in the price or put on top of it. */
export interface TaxRateFields {
  display_name: string;
  percentage: number;
  inclusive: boolean;
  country?: string | null;
  state?: string | null;
  jurisdiction?: string | null;
  tax_type?: TaxRate['tax_type'];
}

export function createTaxRate(
  context: Context,
  fields: TaxRateFields,
  complete: (rate: TaxRate) => void = () => {},
): TaxRate {
  const rate = context.store.tax_rate.add({
    id: context.id('txr_'),
    object: 'tax_rate',
    active: true,
    country: fields.country ?? null,
    created: context.now(),
    description: null,
    display_name: fields.display_name,
    effective_percentage: fields.percentage,
    flat_amount: null,
    inclusive: fields.inclusive,
    jurisdiction: fields.jurisdiction ?? null,
    jurisdiction_level: null,
    livemode: context.livemode,
    metadata: {},
    percentage: fields.percentage,
    rate_type: 'percentage',
    state: fields.state ?? null,
    tax_type: fields.tax_type ?? null,
  });
  complete(rate);
  context.emit('tax_rate.created', rate);
  return rate;
}

/** The rate with exactly these particulars, made if there is none: what `tax_rate_data` asks for. */
export function findOrCreateTaxRate(context: Context, fields: TaxRateFields): TaxRate {
  const [same] = context.store.tax_rate.newestFirst(
    (rate) =>
      rate.active &&
      rate.display_name === fields.display_name &&
      rate.percentage === fields.percentage &&
      rate.inclusive === fields.inclusive &&
      rate.country === (fields.country ?? null) &&
      rate.state === (fields.state ?? null) &&
      rate.jurisdiction === (fields.jurisdiction ?? null) &&
      rate.tax_type === (fields.tax_type ?? null),
  );
  return same ?? createTaxRate(context, fields);
}

function annotate(rate: TaxRate, sent: Params<typeof shared>): void {
  rate.active = sent.active ?? rate.active;
  if (sent.country !== undefined) rate.country = sent.country;
  if (sent.description !== undefined) rate.description = sent.description;
  if (sent.jurisdiction !== undefined) rate.jurisdiction = sent.jurisdiction;
  if (sent.state !== undefined) rate.state = sent.state;
  rate.tax_type = sent.tax_type ?? rate.tax_type;
  rate.metadata = mergeMetadata(rate.metadata, sent.metadata);
}

/** https://docs.stripe.com/api/tax_rates */
export const taxRates: Resource = {
  expansions: {},
  routes: [
    route(
      'POST',
      '/v1/tax_rates',
      {
        ...shared,
        display_name: required(string({ max: 50 })),
        inclusive: required(bool()),
        percentage: required(decimal({ min: 0, max: 100 })),
      },
      (context, params) => {
        const { display_name, inclusive, percentage } = params;
        return createTaxRate(context, { display_name, inclusive, percentage }, (rate) => annotate(rate, params));
      },
    ),
    route('POST', '/v1/tax_rates/{id}', { ...shared, display_name: string({ max: 50 }) }, (context, params, { id }) => {
      const rate = context.store.tax_rate.need(id);
      return context.change(rate, 'tax_rate.updated', () => {
        annotate(rate, params);
        rate.display_name = params.display_name ?? rate.display_name;
      });
    }),
    route('GET', '/v1/tax_rates/{id}', {}, (context, _params, { id }) => context.store.tax_rate.need(id)),
    route(
      'GET',
      '/v1/tax_rates',
      { ...listParams, ...createdParam, active: bool(), inclusive: bool() },
      (context, params) => {
        const { active, inclusive, created } = params;
        const found = context.store.tax_rate.newestFirst(
          (rate) =>
            (active === undefined || rate.active === active) &&
            (inclusive === undefined || rate.inclusive === inclusive) &&
            (created === undefined || inRange(rate.created, created)),
        );
        return paginate(found, params, '/v1/tax_rates');
      },
    ),
  ],
};
