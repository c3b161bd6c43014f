import {
  array,
  clearable,
  decimal,
  int,
  object,
  oneOf,
  type Params,
  required,
  string,
  text,
  unsimulated,
} from '../core/params.ts';
import { metadata, timestamp } from '../core/shared-params.ts';
import { LINE_DESCRIPTION } from '../invoicing/item-params.ts';

const taxAmount = object({
  amount: required(int()),
  tax_rate: required(string()),
  taxable_amount: required(int()),
});

const lineShape = {
  amount: int(),
  description: text({ max: LINE_DESCRIPTION }),
  invoice_line_item: string(),
  metadata: metadata(),
  quantity: int({ min: 1 }),
  tax_amounts: clearable(array(taxAmount, { max: 20 })),
  tax_rates: clearable(array(string())),
  type: required(oneOf('custom_line_item', 'invoice_line_item')),
  unit_amount: int({ min: 0 }),
  unit_amount_decimal: decimal({ min: 0 }),
} as const;

const refundShape = {
  amount_refunded: int({ min: 1 }),
  payment_record_refund: unsimulated(),
  refund: string(),
  type: oneOf('refund'),
} as const;

/** The same for a note and for its preview. */
export const noteShape = {
  invoice: required(string()),
  amount: int({ min: 1 }),
  credit_amount: int({ min: 0 }),
  effective_at: timestamp(),
  email_type: oneOf('credit_note', 'none'),
  lines: array(object(lineShape)),
  memo: string({ max: 5000 }),
  metadata: metadata(),
  out_of_band_amount: int({ min: 0 }),
  reason: oneOf('duplicate', 'fraudulent', 'order_change', 'product_unsatisfactory'),
  refund_amount: int({ min: 0 }),
  refunds: array(object(refundShape)),
  shipping_cost: unsimulated(),
} as const;

export type SentNote = Params<typeof noteShape>;
export type SentLine = Params<typeof lineShape>;
export type SentTax = NonNullable<SentLine['tax_amounts']>[number];
