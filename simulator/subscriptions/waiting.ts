import type { Context } from '../core/context.ts';
import { addItem, type InvoiceItem } from '../invoicing/item.ts';
import { creditedBy } from './bill.ts';
import type { BillingLine } from './billing-line.ts';
import type { Subscription } from './subscription.ts';

/** Prorations that are not invoiced at once wait as items for the next invoice. Emits `invoiceitem.created` for each. */
export function letWait(context: Context, subscription: Subscription, lines: readonly BillingLine[]): void {
  for (const line of lines) addItem(context, itemOf(context, subscription, line));
}

function itemOf(context: Context, subscription: Subscription, line: BillingLine): InvoiceItem {
  const credited = creditedBy(line);
  return {
    id: context.id('ii_'),
    object: 'invoiceitem',
    amount: line.amount,
    currency: subscription.currency,
    customer: subscription.customer,
    customer_account: null,
    date: context.now(),
    description: line.description,
    discountable: false,
    discounts: [],
    invoice: null,
    livemode: context.livemode,
    metadata: {},
    parent: {
      subscription_details: { subscription: subscription.id, subscription_item: line.item },
      type: 'subscription_details',
    },
    period: { start: line.period.start, end: line.period.end },
    pricing: {
      price_details: { price: line.price.id, product: line.price.product },
      type: 'price_details',
      unit_amount_decimal: line.price.unit_amount_decimal,
    },
    proration: true,
    proration_details: {
      credited_items: credited === null ? null : { invoice_line_item_details: credited, type: 'invoice_line_items' },
      discount_amounts: [],
    },
    quantity: line.quantity,
    quantity_decimal: String(line.quantity),
    tax_rates: [...line.taxRates],
    test_clock: subscription.test_clock,
  };
}
