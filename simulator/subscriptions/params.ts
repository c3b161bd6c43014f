import { priceAmountParams, recurringShape } from '../catalog/price.ts';
import {
  array,
  bool,
  clearable,
  int,
  object,
  oneOf,
  optional,
  type Param,
  required,
  string,
  text,
  unsimulated,
} from '../core/params.ts';
import { currency, metadata, timestamp } from '../core/shared-params.ts';
import { discountsParam } from '../invoicing/discounts.ts';

/** A moment in seconds, or one of the words that stand for one. */
function momentOr<const Word extends string>(...words: readonly Word[]): Param<number | Word, false> {
  const word = oneOf(...words);
  const moment = timestamp();
  return optional((value, name) =>
    typeof value === 'string' && /^\d+$/.test(value) ? moment.read(value, name) : word.read(value, name),
  );
}

const recurringPriceData = object({
  ...priceAmountParams,
  product: required(string()),
  recurring: required(object(recurringShape)),
});

const oneTimePriceData = object({ ...priceAmountParams, product: required(string()) });

/** What an item is given when it is made. */
export const newItemShape = {
  billing_thresholds: unsimulated(),
  current_trial: unsimulated(),
  discounts: unsimulated(),
  metadata: metadata(),
  plan: unsimulated(),
  price: string(),
  price_data: recurringPriceData,
  quantity: int({ min: 0 }),
  tax_rates: clearable(array(string())),
} as const;

/** One of the items of an update: without an id it is a further one. */
export const changedItemShape = { ...newItemShape, clear_usage: unsimulated(), deleted: bool(), id: string() } as const;

/** What is sold once, with the first invoice or the next one. */
export const invoiceItemShape = {
  discountable: bool(),
  discounts: discountsParam(),
  metadata: metadata(),
  period: unsimulated(),
  price: string(),
  price_data: oneTimePriceData,
  quantity: int({ min: 0 }),
  tax_rates: clearable(array(string())),
} as const;

export const prorationBehavior = oneOf('always_invoice', 'create_prorations', 'none');
export const paymentBehavior = oneOf(
  'allow_incomplete',
  'default_incomplete',
  'error_if_incomplete',
  'pending_if_incomplete',
);
export const cancelAt = momentOr('max_billed_until', 'max_period_end', 'min_period_end');
export const trialEnd = momentOr('now');

export const trialSettings = object({
  end_behavior: required(
    object({
      billing_cycle_anchor: unsimulated(),
      missing_payment_method: oneOf('cancel', 'create_invoice', 'pause'),
    }),
  ),
});

export const billingMode = object({
  flexible: object({ proration_discounts: oneOf('included') }),
  type: required(oneOf('classic', 'flexible')),
});

export const cancellationDetails = object({
  comment: text(),
  feedback: clearable(
    oneOf(
      'customer_service',
      'low_quality',
      'missing_features',
      'other',
      'switched_service',
      'too_complex',
      'too_expensive',
      'unused',
    ),
  ),
  feedback_option: unsimulated(),
});

/** What creating and updating a subscription share. */
const shared = {
  add_invoice_items: array(object(invoiceItemShape), { max: 20 }),
  application_fee_percent: unsimulated(),
  automatic_tax: object({ enabled: required(bool()), liability: unsimulated() }),
  billing_thresholds: unsimulated(),
  cancel_at_period_end: bool(),
  collection_method: oneOf('charge_automatically', 'send_invoice'),
  days_until_due: int({ min: 0 }),
  default_source: unsimulated(),
  default_tax_rates: clearable(array(string())),
  discounts: discountsParam(),
  invoice_settings: unsimulated(),
  metadata: metadata(),
  off_session: bool(),
  on_behalf_of: unsimulated(),
  payment_behavior: paymentBehavior,
  payment_settings: object({
    payment_method_options: unsimulated(),
    payment_method_types: clearable(array(string())),
    save_default_payment_method: oneOf('off', 'on_subscription'),
  }),
  pending_invoice_item_interval: unsimulated(),
  proration_behavior: prorationBehavior,
  transfer_data: unsimulated(),
  trial_end: trialEnd,
  trial_from_plan: unsimulated(),
  trial_settings: trialSettings,
} as const;

/** https://docs.stripe.com/api/subscriptions/create */
export const createShape = {
  ...shared,
  backdate_start_date: unsimulated(),
  billing_cycle_anchor: unsimulated(),
  billing_cycle_anchor_config: unsimulated(),
  billing_mode: billingMode,
  billing_schedules: unsimulated(),
  cancel_at: cancelAt,
  currency: currency(),
  customer: string(),
  customer_account: unsimulated(),
  default_payment_method: string(),
  description: string({ max: 500 }),
  items: array(object(newItemShape), { max: 20 }),
  trial_period_days: int({ min: 0, max: 730 }),
} as const;

/** https://docs.stripe.com/api/subscriptions/update */
export const updateShape = {
  ...shared,
  billing_cycle_anchor: object({ type: required(oneOf('now', 'unchanged')) }),
  billing_schedules: unsimulated(),
  cancel_at: clearable(cancelAt),
  cancellation_details: cancellationDetails,
  default_payment_method: text(),
  description: text({ max: 500 }),
  items: array(object(changedItemShape), { max: 20 }),
  pause_collection: clearable(
    object({ behavior: required(oneOf('keep_as_draft', 'mark_uncollectible', 'void')), resumes_at: timestamp() }),
  ),
  proration_date: timestamp(),
} as const;

/** https://docs.stripe.com/api/subscriptions/cancel */
export const cancelShape = {
  cancellation_details: cancellationDetails,
  invoice_now: bool(),
  prorate: bool(),
} as const;

/** https://docs.stripe.com/api/subscriptions/resume */
export const resumeShape = {
  billing_cycle_anchor: object({ type: required(oneOf('now', 'unchanged')) }),
  payment_behavior: oneOf('resume_on_payment_attempt', 'resume_on_payment_success'),
  proration_behavior: prorationBehavior,
  proration_date: unsimulated(),
} as const;

/** https://docs.stripe.com/api/subscriptions/pause */
export const pauseShape = {
  bill_for: object({
    outstanding_usage_through: unsimulated(),
    unused_time_from: object({ type: required(oneOf('item_current_period_start', 'none', 'now')) }),
  }),
  invoicing_behavior: oneOf('invoice', 'pending_invoice_item'),
  type: oneOf('subscription'),
} as const;
