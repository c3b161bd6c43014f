import type { Context } from '../core/context.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { Params } from '../core/params.ts';
import { createSetupIntent } from '../payments/setup-intent.ts';
import { freshMetadata, type Plan } from './plan.ts';
import type { sessionParams } from './session-params.ts';

type Session = ObjectTypes['checkout.session'];
type Sent = Params<typeof sessionParams>;

/** What a session of the simulator never has. */
export const fixedFields = {
  object: 'checkout.session',
  after_expiration: null,
  client_secret: null,
  collected_information: null,
  consent: null,
  consent_collection: null,
  currency_conversion: null,
  custom_fields: [],
  customer_account: null,
  integration_identifier: null,
  invoice: null,
  managed_payments: null,
  origin_context: null,
  payment_intent: null,
  payment_link: null,
  payment_method_configuration_details: null,
  payment_method_options: {},
  permissions: null,
  recovered_from: null,
  saved_payment_method_options: null,
  subscription: null,
  ui_mode: 'hosted_page',
  wallet_options: null,
} satisfies Partial<Session>;

export function knownBuyer(context: Context, sent: Sent): Session['customer_details'] {
  const email = sent.customer_email ?? context.store.customer.get(sent.customer ?? '')?.email;
  if (email == null) return null;
  return {
    address: null,
    business_name: null,
    email,
    individual_name: null,
    name: null,
    phone: null,
    tax_exempt: 'none',
    tax_ids: null,
  };
}

export function invoiceCreation({ invoice_creation: sent }: Sent): Session['invoice_creation'] {
  const data = sent?.invoice_data;
  return {
    enabled: sent?.enabled ?? false,
    invoice_data: {
      account_tax_ids: null,
      custom_fields: data?.custom_fields ?? null,
      description: data?.description ?? null,
      footer: data?.footer ?? null,
      issuer: null,
      metadata: freshMetadata(data?.metadata),
      rendering_options: null,
    },
  };
}

/** The session's metadata is not among it: Stripe does not copy that. */
export function intentData({ payment_intent_data: sent }: Sent): Plan['intentData'] {
  return {
    capture_method: sent?.capture_method ?? 'automatic_async',
    description: sent?.description ?? null,
    metadata: freshMetadata(sent?.metadata),
    receipt_email: sent?.receipt_email ?? null,
    setup_future_usage: sent?.setup_future_usage ?? null,
    shipping: sent?.shipping ?? null,
    statement_descriptor: sent?.statement_descriptor ?? null,
    statement_descriptor_suffix: sent?.statement_descriptor_suffix ?? null,
  };
}

/** A subscription always has a customer. */
export function customerCreation({ mode, customer, customer_creation: sent }: Sent): Session['customer_creation'] {
  if (customer !== undefined) return null;
  return mode === 'subscription' ? 'always' : (sent ?? 'if_required');
}

/** The intent of a session that saves a payment method is there from the beginning. */
export function setupIntentOf(context: Context, { customer, setup_intent_data: data }: Sent): string {
  return createSetupIntent(context, {
    customer: customer ?? null,
    description: data?.description ?? null,
    metadata: freshMetadata(data?.metadata),
  }).id;
}
