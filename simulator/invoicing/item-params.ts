import { priceAmountParams } from '../catalog/price.ts';
import { array, bool, clearable, decimal, int, object, required, string, text, unsimulated } from '../core/params.ts';
import { metadata, timestamp } from '../core/shared-params.ts';
import { discountsParam } from './discounts.ts';
import { taxAmountsParam } from './given-tax.ts';

/** Characters of a line's description, on invoices and credit notes alike. Best knowledge: the reference gives no number. */
export const LINE_DESCRIPTION = 500;

export const productDataShape = {
  description: string(),
  images: array(string(), { max: 8 }),
  metadata: metadata(),
  name: required(string()),
  tax_code: unsimulated(),
  tax_details: unsimulated(),
  unit_label: string({ max: 12 }),
} as const;

const shared = {
  amount: int(),
  description: text({ max: LINE_DESCRIPTION }),
  discountable: bool(),
  discounts: discountsParam(),
  metadata: metadata(),
  period: object({ start: required(timestamp()), end: required(timestamp()) }),
  pricing: object({ price: string() }),
  quantity: int({ min: 0 }),
  quantity_decimal: decimal({ min: 0 }),
  tax_rates: clearable(array(string())),
} as const;

/** What add_lines, update_lines and the update of one line share. */
export const lineShape = {
  ...shared,
  price_data: object({ ...priceAmountParams, product: string(), product_data: object(productDataShape) }),
  tax_amounts: taxAmountsParam(),
} as const;

/** What creating and updating an invoice item share. */
export const itemShape = {
  ...shared,
  price_data: object({ ...priceAmountParams, product: required(string()) }),
  tax_behavior: unsimulated(),
  tax_code: unsimulated(),
  unit_amount_decimal: decimal(),
} as const;
