import type { Context } from '../core/context.ts';
import { invalidParam } from '../core/errors.ts';
import { HiddenField } from '../core/hidden-field.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { Params } from '../core/params.ts';
import { mergeMetadata } from '../core/shared-params.ts';
import { planDiscounts, reductionOf } from './discounts.ts';
import type { itemShape, lineShape } from './item-params.ts';
import { within } from './param-path.ts';
import { planPricing, speaksOfPrice } from './pricing.ts';
import { sumUp } from './totals.ts';

export type InvoiceItem = ObjectTypes['invoiceitem'];

/** What both the lines of an invoice and invoice items can be given. */
export type SentItem = Partial<Omit<Params<typeof lineShape>, 'tax_amounts' | 'price_data'>> &
  Partial<Pick<Params<typeof itemShape>, 'unit_amount_decimal'>> & {
    price_data?: Params<typeof lineShape>['price_data'] | Params<typeof itemShape>['price_data'];
  };

const byCustomer = new HiddenField<ObjectTypes['customer'], InvoiceItem[]>('byCustomer');

/** The items of a customer that wait for an invoice, newest first: those of a subscription only for an invoice of it. */
export function waitingItems(
  context: Context,
  customer: ObjectTypes['customer'],
  subscription?: string,
): InvoiceItem[] {
  const items = byCustomer.get(customer) ?? [];
  const waiting = items.filter((item) => {
    const owner = item.parent?.subscription_details?.subscription;
    return item.invoice === null && (owner === undefined || owner === subscription);
  });
  return waiting.filter((item) => context.store.invoiceitem.get(item.id) === item).toReversed();
}

/** Stores an item that Stripe makes by itself. Emits `invoiceitem.created`. */
export function addItem(context: Context, item: InvoiceItem): InvoiceItem {
  item.net_amount = netAmount(context, item);
  context.store.invoiceitem.add(item);
  remember(context, item);
  context.emit('invoiceitem.created', item);
  return item;
}

function remember(context: Context, item: InvoiceItem): void {
  const customer = context.store.customer.get(item.customer);
  if (customer === undefined) return;
  const items = byCustomer.get(customer);
  if (items === undefined) byCustomer.set(customer, [item]);
  else items.push(item);
}

/** A change that was checked and waits to be made: a request with several of them makes all or none. */
export type Plan<Made> = () => Made;

interface Belongs {
  customer: string;
  currency: string;
  invoice: string | null;
}

/** A new invoice item, on an invoice or waiting for one. Emits `invoiceitem.created`. */
export function planItem(context: Context, sent: SentItem, belongs: Belongs, param = ''): Plan<InvoiceItem> {
  const { currency, customer, invoice } = belongs;
  const pricing = planPricing(context, sent, currency, param);
  const discounts = planDiscounts(context, sent.discounts ?? [], currency, within(param, 'discounts'));
  const taxRates = ratesOf(context, sent.tax_rates ?? [], within(param, 'tax_rates'));
  checkPeriod(sent.period, param);
  return () => {
    const { amount, quantity, unitAmount, name, price } = pricing();
    const now = context.now();
    const id = context.id('ii_');
    const item: InvoiceItem = {
      id,
      object: 'invoiceitem',
      amount,
      currency,
      customer,
      customer_account: null,
      date: now,
      description: sent.description ?? name,
      discountable: sent.discountable ?? amount >= 0,
      discounts: discounts({ customer, invoice, invoice_item: id }),
      invoice,
      livemode: context.livemode,
      metadata: mergeMetadata({}, sent.metadata),
      parent: null,
      period: sent.period ?? { start: now, end: now },
      pricing: pricingOf(unitAmount, price),
      proration: false,
      quantity: Math.trunc(quantity),
      quantity_decimal: String(quantity),
      tax_rates: taxRates,
      test_clock: context.store.customer.get(customer)?.test_clock ?? null,
    };
    return addItem(context, item);
  };
}

/** Changes an item that is not invoiced yet; what was not sent stays. Stripe has no event for it. */
export function planItemUpdate(context: Context, item: InvoiceItem, sent: SentItem, param = ''): Plan<InvoiceItem> {
  const pricing = speaksOfPrice(sent) ? planPricing(context, sent, item.currency, param, item) : undefined;
  const { discounts } = sent;
  const newDiscounts =
    discounts === undefined
      ? undefined
      : planDiscounts(context, discounts ?? [], item.currency, within(param, 'discounts'));
  const taxRates =
    sent.tax_rates === undefined ? undefined : ratesOf(context, sent.tax_rates ?? [], within(param, 'tax_rates'));
  checkPeriod(sent.period, param);
  return () => {
    if (pricing !== undefined) {
      const { amount, quantity, unitAmount, price } = pricing();
      item.amount = amount;
      item.quantity = Math.trunc(quantity);
      item.quantity_decimal = String(quantity);
      item.pricing = pricingOf(unitAmount, price);
    }
    if (newDiscounts !== undefined) item.discounts = newDiscounts({ invoice: item.invoice, invoice_item: item.id });
    if (taxRates !== undefined) item.tax_rates = taxRates;
    if (sent.description !== undefined) item.description = sent.description;
    item.discountable = sent.discountable ?? item.discountable;
    item.metadata = mergeMetadata(item.metadata, sent.metadata);
    item.period = sent.period ?? item.period;
    item.net_amount = netAmount(context, item);
    return item;
  };
}

function pricingOf(unitAmount: number, price: { price: string; product: string } | null): InvoiceItem['pricing'] {
  return {
    ...(price === null ? {} : { price_details: price }),
    type: 'price_details',
    unit_amount_decimal: String(unitAmount),
  };
}

/** After the item's own discounts, before tax. */
function netAmount(context: Context, item: InvoiceItem): number {
  const reductions = (item.discounts ?? []).map((id) => reductionOf(context, id));
  return sumUp([{ amount: item.amount, discountable: false, reductions, taxation: { amounts: [] } }], []).subtotal;
}

function ratesOf(context: Context, ids: readonly string[], param: string): InvoiceItem['tax_rates'] {
  return ids.map((id, index) => {
    const rate = context.store.tax_rate.need(id, `${param}[${index}]`);
    if (!rate.active) throw invalidParam(`The tax rate ${id} is archived and cannot be applied.`, `${param}[${index}]`);
    return rate;
  });
}

function checkPeriod(period: SentItem['period'], param: string): void {
  if (period !== undefined && period.end < period.start) {
    throw invalidParam('The period must end at or after its start.', within(param, 'period', 'end'));
  }
}
