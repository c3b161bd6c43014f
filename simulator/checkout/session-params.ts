import { priceAmountParams, recurringParam } from '../catalog/price.ts';
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
  text,
  unsimulated,
} from '../core/params.ts';
import { currency, email, metadata, timestamp, url } from '../core/shared-params.ts';
import { methodType } from '../payments/method-types.ts';
import { shippingParam } from '../payments/shipping.ts';
import { billingMode } from '../subscriptions/params.ts';

const productData = object({
  description: text(),
  images: array(string(), { max: 8 }),
  metadata: metadata(),
  name: required(string()),
  tax_code: string(),
  tax_details: unsimulated(),
  unit_label: string(),
});

const priceData = object({
  ...priceAmountParams,
  product: string(),
  product_data: productData,
  recurring: recurringParam,
});

export const lineItemParams = {
  adjustable_quantity: unsimulated(),
  metadata: metadata(),
  price: string(),
  price_data: priceData,
  quantity: int({ min: 1, max: 999_999 }),
  tax_rates: array(string(), { max: 10 }),
} as const;

export const shippingOptionParams = {
  shipping_rate: string(),
  shipping_rate_data: object({
    delivery_estimate: unsimulated(),
    display_name: required(string({ max: 100 })),
    fixed_amount: object({
      amount: required(int({ min: 0 })),
      currency: required(currency()),
      currency_options: unsimulated(),
    }),
    metadata: metadata(),
    tax_behavior: oneOf('exclusive', 'inclusive', 'unspecified'),
    tax_code: unsimulated(),
    type: oneOf('fixed_amount'),
  }),
} as const;

const paymentIntentData = object({
  application_fee_amount: unsimulated(),
  capture_method: oneOf('automatic', 'automatic_async', 'manual'),
  description: text(),
  metadata: metadata(),
  on_behalf_of: unsimulated(),
  receipt_email: email(),
  setup_future_usage: oneOf('off_session', 'on_session'),
  shipping: shippingParam,
  statement_descriptor: text({ max: 22 }),
  statement_descriptor_suffix: text({ max: 22 }),
  transfer_data: unsimulated(),
  transfer_group: unsimulated(),
});

const invoiceCreation = object({
  enabled: required(bool()),
  invoice_data: object({
    account_tax_ids: unsimulated(),
    custom_fields: clearable(
      array(object({ name: required(string({ max: 40 })), value: required(string({ max: 140 })) }), { max: 4 }),
    ),
    description: text(),
    footer: text(),
    issuer: unsimulated(),
    metadata: metadata(),
    rendering_options: unsimulated(),
  }),
});

const subscriptionData = object({
  application_fee_percent: unsimulated(),
  billing_cycle_anchor: unsimulated(),
  billing_cycle_anchor_config: unsimulated(),
  billing_mode: billingMode,
  default_tax_rates: array(string()),
  description: string({ max: 500 }),
  invoice_settings: unsimulated(),
  metadata: metadata(),
  on_behalf_of: unsimulated(),
  pending_invoice_item_interval: unsimulated(),
  proration_behavior: unsimulated(),
  transfer_data: unsimulated(),
  trial_end: timestamp(),
  trial_period_days: int({ min: 1, max: 730 }),
  trial_settings: object({
    end_behavior: required(object({ missing_payment_method: required(oneOf('cancel', 'create_invoice', 'pause')) })),
  }),
});

export type SubscriptionData = NonNullable<Params<{ data: typeof subscriptionData }>['data']>;

const methodTypes = array(methodType());

/** https://docs.stripe.com/api/checkout/sessions/create, for hosted pages. */
export const sessionParams = {
  adaptive_pricing: object({ enabled: bool() }),
  allow_promotion_codes: bool(),
  allowed_payment_method_types: methodTypes,
  automatic_tax: object({ enabled: required(bool()), liability: unsimulated() }),
  billing_address_collection: oneOf('auto', 'required'),
  cancel_url: url(),
  client_reference_id: string({ max: 200 }),
  currency: currency(),
  customer: string(),
  customer_creation: oneOf('always', 'if_required'),
  customer_email: email(),
  discounts: array(object({ coupon: string(), promotion_code: unsimulated() }), { max: 1 }),
  expires_at: timestamp(),
  invoice_creation: invoiceCreation,
  line_items: array(object(lineItemParams), { max: 100 }),
  locale: string(),
  metadata: metadata(),
  mode: oneOf('payment', 'setup', 'subscription'),
  payment_intent_data: paymentIntentData,
  payment_method_collection: oneOf('always', 'if_required'),
  payment_method_types: methodTypes,
  phone_number_collection: object({ enabled: required(bool()) }),
  shipping_address_collection: object({ allowed_countries: required(array(string({ max: 2 }))) }),
  shipping_options: array(object(shippingOptionParams), { max: 5 }),
  subscription_data: subscriptionData,
  setup_intent_data: object({ description: string(), metadata: metadata(), on_behalf_of: unsimulated() }),
  submit_type: oneOf('auto', 'book', 'donate', 'pay', 'subscribe'),
  success_url: url(),
  tax_id_collection: object({ enabled: required(bool()), required: oneOf('if_supported', 'never') }),
  ui_mode: oneOf('elements', 'embedded_page', 'form', 'hosted_page'),

  after_expiration: unsimulated(),
  branding_settings: unsimulated(),
  consent_collection: unsimulated(),
  custom_fields: unsimulated(),
  custom_text: unsimulated(),
  customer_account: unsimulated(),
  customer_update: unsimulated(),
  excluded_payment_method_types: unsimulated(),
  integration_identifier: unsimulated(),
  managed_payments: unsimulated(),
  name_collection: unsimulated(),
  optional_items: unsimulated(),
  origin_context: unsimulated(),
  payment_method_configuration: unsimulated(),
  payment_method_data: unsimulated(),
  payment_method_options: unsimulated(),
  permissions: unsimulated(),
  redirect_on_completion: unsimulated(),
  return_url: unsimulated(),
  saved_payment_method_options: unsimulated(),
  wallet_options: unsimulated(),
} as const;
