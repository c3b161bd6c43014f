import { array, bool, clearable, object, oneOf, required, string, unsimulated } from '../core/params.ts';
import { currency, metadata, timestamp } from '../core/shared-params.ts';
import { billingMode, changedItemShape, pauseShape, prorationBehavior, trialEnd } from './params.ts';

/** https://docs.stripe.com/api/invoices/create_preview */
export const previewShape = {
  automatic_tax: object({ enabled: required(bool()), liability: unsimulated() }),
  currency: currency(),
  customer: string(),
  customer_account: unsimulated(),
  customer_details: unsimulated(),
  discounts: unsimulated(),
  invoice_items: unsimulated(),
  issuer: unsimulated(),
  on_behalf_of: unsimulated(),
  preview_mode: oneOf('next', 'recurring'),
  schedule: unsimulated(),
  schedule_details: unsimulated(),
  subscription: string(),
  subscription_details: object({
    billing_cycle_anchor: object({ timestamp: unsimulated(), type: required(oneOf('now', 'unchanged')) }),
    billing_mode: billingMode,
    billing_schedules: unsimulated(),
    cancel_at: unsimulated(),
    cancel_at_period_end: bool(),
    cancel_now: bool(),
    default_tax_rates: clearable(array(string())),
    items: array(object(changedItemShape), { max: 20 }),
    metadata: metadata(),
    pause: object(pauseShape),
    proration_behavior: prorationBehavior,
    proration_date: timestamp(),
    resume_at: oneOf('now'),
    start_date: unsimulated(),
    trial_end: trialEnd,
  }),
} as const;
