import {
  array,
  bool,
  clearable,
  int,
  object,
  oneOf,
  optional,
  required,
  scalar,
  string,
  text,
  unsimulated,
} from '../core/params.ts';
import { currency, email, metadata, timestamp, url } from '../core/shared-params.ts';
import { methodType } from './method-types.ts';
import { paymentMethodDataParams } from './payment-method-params.ts';
import { shippingParam } from './shipping.ts';

/** Known to Stripe on create, update and confirm alike, without a counterpart here. */
const nowhere = {
  amount_details: unsimulated(),
  excluded_payment_method_types: unsimulated(),
  hooks: unsimulated(),
  payment_details: unsimulated(),
  payment_method_options: unsimulated(),
} as const;

/** Connect and other things that the simulated account has not. */
const notOurs = {
  application_fee_amount: unsimulated(),
  customer_account: unsimulated(),
  payment_method_configuration: unsimulated(),
  transfer_data: unsimulated(),
  transfer_group: unsimulated(),
} as const;

const method = {
  payment_method: text(),
  payment_method_data: object(paymentMethodDataParams),
  receipt_email: email(),
  setup_future_usage: clearable(oneOf('off_session', 'on_session')),
  shipping: shippingParam,
} as const;

const descriptors = {
  statement_descriptor: text({ max: 22 }),
  statement_descriptor_suffix: text({ max: 22 }),
} as const;

/** A mandate is needed by real banks; it is checked and has no further effect. */
const mandateData = clearable(
  object({
    customer_acceptance: required(
      object({
        accepted_at: timestamp(),
        offline: object({}),
        online: object({ ip_address: required(string()), user_agent: required(string()) }),
        type: required(oneOf('offline', 'online')),
      }),
    ),
  }),
);

const offSession = optional((value, name): boolean | 'one_off' | 'recurring' =>
  value === 'one_off' || value === 'recurring' ? value : bool().read(scalar(value, name, 'boolean'), name),
);

const confirming = {
  error_on_requires_action: bool(),
  mandate_data: mandateData,
  off_session: offSession,
  return_url: url(),
  use_stripe_sdk: bool(),
  confirmation_token: unsimulated(),
  mandate: unsimulated(),
  radar_options: unsimulated(),
} as const;

export const confirmParams = {
  ...nowhere,
  ...method,
  ...confirming,
  allowed_payment_method_types: unsimulated(),
  amount_to_confirm: unsimulated(),
  capture_method: unsimulated(),
} as const;

const fields = {
  ...descriptors,
  capture_method: oneOf('automatic', 'automatic_async', 'manual'),
  customer: string(),
  description: text(),
  metadata: metadata(),
} as const;

export const createParams = {
  ...nowhere,
  ...notOurs,
  ...method,
  ...confirming,
  ...fields,
  amount: required(int({ min: 1 })),
  currency: required(currency()),
  allowed_payment_method_types: array(methodType()),
  automatic_payment_methods: object({ allow_redirects: oneOf('always', 'never'), enabled: required(bool()) }),
  confirm: bool(),
  confirmation_method: oneOf('automatic', 'manual'),
  on_behalf_of: unsimulated(),
  payment_method_types: array(string()),
} as const;

export const updateParams = {
  ...nowhere,
  ...notOurs,
  ...method,
  ...fields,
  amount: int({ min: 1 }),
  currency: currency(),
  allowed_payment_method_types: unsimulated(),
} as const;

export const notOnCapture = {
  amount_details: unsimulated(),
  application_fee_amount: unsimulated(),
  final_capture: unsimulated(),
  hooks: unsimulated(),
  payment_details: unsimulated(),
  statement_descriptor: unsimulated(),
  statement_descriptor_suffix: unsimulated(),
  transfer_data: unsimulated(),
} as const;
