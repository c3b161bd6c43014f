import type Stripe from 'stripe';
import type { Payment } from '../../src/stripe/payment.ts';

/**
 * Whole Stripe objects for tests of pure rules: every required field with its plainest value, and what a test wants
 * to say about it. A payment is of 10.00 EUR, by card, of a buyer with an empty balance.
 */
export const paidAt = 1_790_000_000;

export function paymentIntent(says: Partial<Stripe.PaymentIntent> = {}): Stripe.PaymentIntent {
  return {
    id: 'pi_1',
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: 1_000,
    amount_capturable: 0,
    amount_received: 1_000,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic',
    client_secret: null,
    confirmation_method: 'automatic',
    created: paidAt,
    currency: 'eur',
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'succeeded',
    transfer_group: null,
    ...says,
  };
}

export function checkoutSession(says: Partial<Stripe.Checkout.Session> = {}): Stripe.Checkout.Session {
  return {
    id: 'cs_test_1',
    object: 'checkout.session',
    adaptive_pricing: null,
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    amount_subtotal: null,
    amount_total: null,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: null,
    client_reference_id: null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: paidAt,
    currency: 'eur',
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: null,
    customer_account: null,
    customer_creation: null,
    customer_details: null,
    customer_email: null,
    discounts: null,
    expires_at: paidAt + 86_400,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: null,
    managed_payments: null,
    metadata: null,
    mode: 'payment',
    origin_context: null,
    payment_intent: 'pi_1',
    payment_link: null,
    payment_method_collection: null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ['card'],
    payment_status: 'paid',
    permissions: null,
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'complete',
    submit_type: null,
    subscription: null,
    success_url: null,
    total_details: null,
    ui_mode: null,
    url: null,
    wallet_options: null,
    ...says,
  };
}

/** One piece at 10.00 EUR unless said otherwise. */
export function lineItem(says: Partial<Stripe.LineItem> = {}): Stripe.LineItem {
  const { amount_total = 1_000 } = says;
  return {
    id: 'li_1',
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount_total,
    amount_tax: 0,
    amount_total,
    currency: 'eur',
    description: 'Watercolour course',
    metadata: {},
    price: price('prod_course'),
    quantity: 1,
    ...says,
  };
}

export function price(product: string): Stripe.Price {
  return {
    id: 'price_1',
    object: 'price',
    active: true,
    billing_scheme: 'per_unit',
    created: paidAt,
    currency: 'eur',
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product,
    recurring: null,
    tax_behavior: null,
    tiers_mode: null,
    transform_quantity: null,
    type: 'one_time',
    unit_amount: 1_000,
    unit_amount_decimal: null,
  };
}

export function taxRate(says: Partial<Stripe.TaxRate> = {}): Stripe.TaxRate {
  return {
    id: 'txr_1',
    object: 'tax_rate',
    active: true,
    country: null,
    created: paidAt,
    description: null,
    display_name: 'VAT',
    effective_percentage: null,
    flat_amount: null,
    inclusive: true,
    jurisdiction: null,
    jurisdiction_level: null,
    livemode: false,
    metadata: null,
    percentage: 20,
    rate_type: 'percentage',
    state: null,
    tax_type: 'vat',
    ...says,
  };
}

export function customer(says: Partial<Stripe.Customer> = {}): Stripe.Customer {
  return {
    id: 'cus_1',
    object: 'customer',
    balance: 0,
    created: paidAt,
    default_source: null,
    description: null,
    email: null,
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: {},
    shipping: null,
    ...says,
  };
}

export function charge(says: Partial<Stripe.Charge> = {}): Stripe.Charge {
  return {
    id: 'ch_1',
    object: 'charge',
    amount: 1_000,
    amount_captured: 1_000,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    calculated_statement_descriptor: null,
    captured: true,
    created: paidAt,
    currency: 'eur',
    customer: null,
    description: null,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: null,
    livemode: false,
    metadata: {},
    on_behalf_of: null,
    outcome: null,
    paid: true,
    payment_intent: 'pi_1',
    payment_method: null,
    payment_method_details: { type: 'card' },
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'succeeded',
    transfer_data: null,
    transfer_group: null,
    ...says,
  };
}

/** A payment whose parts a test names: `payment({ intent: { status: 'processing' } })`. */
export function payment(
  parts: Partial<Omit<Payment, 'intent'>> & { intent?: Partial<Stripe.PaymentIntent> } = {},
): Payment {
  const { intent, ...rest } = parts;
  return {
    intent: paymentIntent(intent),
    customer: null,
    charge: null,
    session: null,
    lineItems: [],
    invoices: [],
    documents: [],
    ...rest,
  };
}

/** Of a Checkout Session whose invoice Stripe makes itself. */
export const invoiceCreation: Stripe.Checkout.Session.InvoiceCreation = {
  enabled: true,
  invoice_data: {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: null,
    metadata: null,
    rendering_options: null,
  },
};
