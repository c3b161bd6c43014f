import type { Context } from '../core/context.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { blankInvoice } from '../invoicing/blank-invoice.ts';
import { copyCustomer, recalculate } from '../invoicing/figures.ts';
import { issue } from '../invoicing/finalize.ts';
import { link } from '../invoicing/invoice-payment.ts';
import { giveTaxes, type Invoice, placeLine } from '../invoicing/lines.ts';
import { receive } from '../invoicing/settle.ts';
import { type PlannedLine, planOf } from './plan.ts';

type Session = ObjectTypes['checkout.session'];

/**
 * The invoice that Stripe makes by itself of a paid Checkout Session with `invoice_creation`: finalized, paid by the session's
 * payment intent, and without the customer's balance, which applies to all other invoices.
 * Source: https://docs.stripe.com/payments/checkout/receipts#paid-invoices
 */
export function invoiceOfSession(context: Context, session: Session): void {
  const customer = context.store.customer.get(session.customer ?? '');
  const intent = context.store.payment_intent.get(session.payment_intent ?? '');
  if (customer === undefined || intent === undefined || session.invoice !== null) return;
  const { lines, discount } = planOf(session);
  const invoice = blankInvoice(context, customer, session.currency ?? intent.currency);
  copyData(invoice, session);
  if (discount !== undefined) {
    if (context.store.discount.get(discount.id) === undefined) context.store.discount.add(discount);
    invoice.discounts = [discount.id];
  }
  for (const line of lines) addPlanned(context, invoice, line);
  copyCustomer(context, invoice, customer);
  recalculate(context, invoice);
  invoice.starting_balance = 0;
  invoice.amount_due = invoice.total;
  invoice.amount_remaining = invoice.total;
  context.store.invoice.add(invoice);
  session.invoice = invoice.id;
  context.emit('invoice.created', invoice);
  context.change(invoice, 'invoice.updated', () => {
    issue(context, invoice, customer);
    invoice.ending_balance = 0;
  });
  context.emit('invoice.finalized', invoice);
  receive(context, invoice, link(context, invoice, intent, invoice.amount_due, true), intent);
}

function copyData(invoice: Invoice, { invoice_creation: creation, shipping_cost: shipping }: Session): void {
  const data = creation?.invoice_data;
  invoice.description = data?.description ?? null;
  invoice.footer = data?.footer ?? invoice.footer;
  invoice.custom_fields = data?.custom_fields ?? invoice.custom_fields;
  invoice.metadata = { ...data?.metadata };
  if (shipping !== null) invoice.shipping_cost = { ...shipping };
}

/** A line says what the buyer has paid, with the discount and the taxes that Checkout has worked out. */
function addPlanned(context: Context, invoice: Invoice, { item, amounts }: PlannedLine): void {
  const { price, quantity } = item;
  const line = placeLine(context, invoice, {
    id: context.id('il_'),
    object: 'line_item',
    amount: amounts.subtotal,
    currency: invoice.currency,
    description: item.description,
    discount_amounts: [],
    discountable: true,
    discounts: [],
    invoice: invoice.id,
    livemode: context.livemode,
    metadata: { ...item.metadata },
    parent: null,
    period: { start: invoice.created, end: invoice.created },
    pretax_credit_amounts: [],
    pricing:
      price === null
        ? null
        : {
            price_details: { price: price.id, product: price.product },
            type: 'price_details',
            unit_amount_decimal: price.unit_amount_decimal,
          },
    quantity,
    quantity_decimal: String(quantity ?? 1),
    subscription: null,
    subtotal: amounts.subtotal,
    taxes: [],
  });
  giveTaxes(
    line,
    amounts.taxes.map(({ rate, amount, taxable }) => ({
      amount,
      tax_behavior: rate.inclusive ? 'inclusive' : 'exclusive',
      tax_rate_details: { tax_rate: rate.id },
      taxability_reason: 'not_available',
      taxable_amount: taxable,
      type: 'tax_rate_details',
    })),
  );
}
