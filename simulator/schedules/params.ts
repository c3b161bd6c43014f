import { priceAmountParams, recurringShape } from '../catalog/price.ts';
import {
  array,
  bool,
  clearable,
  int,
  object,
  oneOf,
  type Params,
  required,
  string,
  unsimulated,
} from '../core/params.ts';
import { metadata } from '../core/shared-params.ts';
import { trialEnd as moment, prorationBehavior } from '../subscriptions/params.ts';

const phaseItem = object({
  billing_thresholds: unsimulated(),
  discounts: unsimulated(),
  metadata: metadata(),
  plan: unsimulated(),
  price: string(),
  price_data: object({
    ...priceAmountParams,
    product: required(string()),
    recurring: required(object(recurringShape)),
  }),
  quantity: int({ min: 0 }),
  tax_rates: clearable(array(string())),
});

const phase = object({
  add_invoice_items: unsimulated(),
  application_fee_percent: unsimulated(),
  automatic_tax: unsimulated(),
  billing_cycle_anchor: oneOf('automatic', 'phase_start'),
  billing_thresholds: unsimulated(),
  collection_method: unsimulated(),
  currency: unsimulated(),
  default_payment_method: unsimulated(),
  default_tax_rates: unsimulated(),
  description: unsimulated(),
  discounts: unsimulated(),
  duration: object(recurringShape),
  end_date: moment,
  invoice_settings: unsimulated(),
  items: required(array(phaseItem, { max: 20 })),
  metadata: metadata(),
  on_behalf_of: unsimulated(),
  proration_behavior: prorationBehavior,
  start_date: moment,
  transfer_data: unsimulated(),
  trial: unsimulated(),
  trial_end: unsimulated(),
});

export type SentPhase = NonNullable<Params<{ phase: typeof phase }>['phase']>;

const shared = {
  default_settings: unsimulated(),
  end_behavior: oneOf('cancel', 'release'),
  metadata: metadata(),
  pause_schedules: unsimulated(),
  phases: array(phase, { max: 10 }),
} as const;

/** https://docs.stripe.com/api/subscription_schedules/create: from a subscription that there is. */
export const createShape = {
  ...shared,
  billing_mode: unsimulated(),
  customer: unsimulated(),
  customer_account: unsimulated(),
  from_subscription: string(),
  start_date: unsimulated(),
} as const;

export const updateShape = { ...shared, proration_behavior: prorationBehavior } as const;

export const releaseShape = { preserve_cancel_date: bool() } as const;
export const cancelShape = { invoice_now: bool(), prorate: bool() } as const;
