import type { Context } from '../core/context.ts';
import { listeners } from '../core/events.ts';
import { sublist } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { Invoice } from './lines.ts';

/** A draft for this customer with what it takes over from them; not stored, nothing added up yet. */
export function blankInvoice(context: Context, customer: ObjectTypes['customer'], currency: string): Invoice {
  const id = context.id('in_');
  const now = context.now();
  const { custom_fields, footer, rendering_options: rendering } = customer.invoice_settings;
  const nobodyListens = listeners(context.account, 'invoice.created').length === 0;
  return {
    id,
    object: 'invoice',
    account_country: 'US',
    account_name: 'Simulated business',
    account_tax_ids: null,
    amount_due: 0,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: false,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: 'manual',
    collection_method: 'charge_automatically',
    created: now,
    currency,
    custom_fields,
    customer: customer.id,
    customer_account: null,
    customer_address: null,
    customer_email: null,
    customer_name: null,
    customer_phone: null,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: sublist([], `/v1/invoices/${id}/lines`),
    livemode: context.livemode,
    metadata: {},
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    parent: null,
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: now,
    period_start: now,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering:
      rendering === null
        ? null
        : {
            amount_tax_display: rendering.amount_tax_display,
            pdf: null,
            template: rendering.template,
            template_version: null,
          },
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: 0,
    subtotal_excluding_tax: 0,
    test_clock: customer.test_clock ?? null,
    total: 0,
    total_discount_amounts: [],
    total_excluding_tax: 0,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: nobodyListens ? now : null,
  };
}
