import type { Context } from '../core/context.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { attach, takePaymentMethod } from '../payments/payment-method.ts';
import { blankInvoice } from './blank-invoice.ts';
import { attemptByItself } from './collect.ts';
import { recalculate, refreshDraft } from './figures.ts';
import { finalize } from './finalize.ts';
import { type Invoice, placeLine } from './lines.ts';

export interface Renewal {
  customer: ObjectTypes['customer'];
  /** Minor units. */
  amount: number;
  currency: string;
  /** Named on the invoice; the simulator needs no subscription behind it. */
  subscription: string;
  description: string;
  metadata: Record<string, string>;
  /** Name of a test card, such as `pm_card_chargeCustomerFail`; else the customer's default one, else a Visa. */
  paymentMethod: string | undefined;
}

const MONTH = 30 * 86_400;

/**
 * A subscription enters its next period: Stripe makes the invoice, finalizes it and charges the customer, all by itself. The
 * payment intent emits `payment_intent.succeeded` as any other does; only the invoice payment tells what it was for.
 */
export function renew(context: Context, renewal: Renewal): Invoice {
  const { customer, currency, subscription, metadata } = renewal;
  customer.currency ??= currency;
  const invoice = blankInvoice(context, customer, currency);
  invoice.default_payment_method = methodOf(context, renewal);
  invoice.billing_reason = 'subscription_cycle';
  invoice.auto_advance = true;
  invoice.parent = {
    quote_details: null,
    subscription_details: { metadata, subscription },
    type: 'subscription_details',
  };
  addPeriod(context, invoice, renewal);
  context.store.invoice.add(invoice);
  recalculate(context, invoice);
  refreshDraft(context, invoice);
  context.emit('invoice.created', invoice);
  finalize(context, invoice);
  if (invoice.status === 'open') attemptByItself(context, invoice);
  return invoice;
}

function methodOf(context: Context, { customer, paymentMethod }: Renewal): string {
  const settings = customer.invoice_settings;
  const name = paymentMethod ?? settings.default_payment_method ?? 'pm_card_visa';
  const method = attach(context, takePaymentMethod(context, name, 'payment_method'), customer.id);
  settings.default_payment_method ??= method.id;
  return method.id;
}

function addPeriod(context: Context, invoice: Invoice, { amount, subscription, description, metadata }: Renewal): void {
  placeLine(context, invoice, {
    id: context.id('il_'),
    object: 'line_item',
    amount,
    currency: invoice.currency,
    description,
    discount_amounts: [],
    discountable: true,
    discounts: [],
    invoice: invoice.id,
    livemode: context.livemode,
    metadata: { ...metadata },
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: false,
        proration_details: null,
        subscription,
        subscription_item: subscription.replace(/^sub_/, 'si_'),
      },
      type: 'subscription_item_details',
    },
    period: { start: invoice.created, end: invoice.created + MONTH },
    pretax_credit_amounts: [],
    pricing: { type: 'price_details', unit_amount_decimal: String(amount) },
    quantity: 1,
    quantity_decimal: '1',
    subscription,
    subtotal: amount,
    taxes: [],
  });
}
