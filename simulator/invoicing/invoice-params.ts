import { array, bool, clearable, int, object, oneOf, required, string, text, unsimulated } from '../core/params.ts';
import { address, currency, metadata, timestamp } from '../core/shared-params.ts';
import { discountsParam } from './discounts.ts';

const customField = object({ name: required(string({ max: 40 })), value: required(string({ max: 140 })) });

const rendering = object({
  amount_tax_display: clearable(oneOf('exclude_tax', 'include_inclusive_tax')),
  pdf: object({ page_size: oneOf('a4', 'auto', 'letter') }),
  template: unsimulated(),
  template_version: unsimulated(),
});

const shared = {
  account_tax_ids: unsimulated(),
  application_fee_amount: unsimulated(),
  auto_advance: bool(),
  automatic_tax: object({ enabled: required(bool()), liability: unsimulated() }),
  automatically_finalizes_at: timestamp(),
  collection_method: oneOf('charge_automatically', 'send_invoice'),
  custom_fields: clearable(array(customField, { max: 4 })),
  days_until_due: int({ min: 0 }),
  default_payment_method: string(),
  default_source: unsimulated(),
  default_tax_rates: clearable(array(string())),
  description: text({ max: 1500 }),
  discounts: discountsParam(),
  due_date: timestamp(),
  effective_at: clearable(timestamp()),
  footer: text(),
  issuer: object({ account: unsimulated(), type: required(oneOf('self')) }),
  metadata: metadata(),
  number: text({ max: 26 }),
  on_behalf_of: unsimulated(),
  payment_settings: object({
    default_mandate: unsimulated(),
    payment_method_options: unsimulated(),
    payment_method_types: clearable(array(string())),
  }),
  rendering,
  shipping_cost: unsimulated(),
  shipping_details: clearable(object({ address: required(address()), name: required(string()), phone: text() })),
  statement_descriptor: string({ max: 22 }),
  transfer_data: unsimulated(),
} as const;

export const createShape = {
  ...shared,
  currency: currency(),
  customer: string(),
  customer_account: unsimulated(),
  from_invoice: unsimulated(),
  pending_invoice_items_behavior: oneOf('exclude', 'include'),
  subscription: unsimulated(),
} as const;

export const updateShape = shared;
