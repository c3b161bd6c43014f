import type { Context } from '../core/context.ts';
import { noSuch } from '../core/errors.ts';
import { HiddenField } from '../core/hidden-field.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { InvoiceItem } from './item.ts';
import type { Tax } from './totals.ts';

export type Invoice = ObjectTypes['invoice'];
export type Line = ObjectTypes['line_item'];

const linesByInvoice = new HiddenField<Invoice, Line[]>('linesByInvoice');

/** Taxes that the caller has calculated, by line; a line without an entry is taxed by rates. */
const givenTaxes = new HiddenField<Line, readonly Tax[]>('givenTaxes');

/** The tax rates of a line that no item stands behind. */
export const ratesOfLine = new HiddenField<Line, ObjectTypes['tax_rate'][]>('ratesOfLine');

/** All lines of an invoice in their order, of which the invoice itself shows the first ten. */
export const linesOf = (invoice: Invoice): readonly Line[] => linesByInvoice.get(invoice) ?? [];

export function needLine(invoice: Invoice, id: string, param = 'id'): Line {
  const line = linesOf(invoice).find((one) => one.id === id);
  if (line === undefined) throw noSuch('invoice line item', id, param, param === 'id' ? 404 : 400);
  return line;
}

export const givenTaxesOf = (line: Line): readonly Tax[] | undefined => givenTaxes.get(line);

/** `null` goes back to tax rates. */
export function giveTaxes(line: Line, taxes: readonly Tax[] | null): void {
  if (taxes === null) givenTaxes.delete(line);
  else givenTaxes.set(line, taxes);
}

/** Puts an item on an invoice. `first`: pending items come before what is added later, newest first. */
export function addLine(context: Context, invoice: Invoice, item: InvoiceItem, first = false): Line {
  const line = context.store.line_item.add(lineFor(context, invoice, item));
  item.invoice = invoice.id;
  place(invoice, line, first);
  return line;
}

/** The line that an item would be, on no invoice yet. */
function lineFor(context: Context, invoice: Invoice, item: InvoiceItem): Line {
  const line: Line = {
    id: context.id('il_'),
    object: 'line_item',
    amount: 0,
    currency: item.currency,
    description: null,
    discount_amounts: [],
    discountable: true,
    discounts: [],
    invoice: invoice.id,
    livemode: context.livemode,
    metadata: {},
    parent: parentOf(item),
    period: item.period,
    pretax_credit_amounts: [],
    pricing: null,
    quantity: 1,
    quantity_decimal: '1',
    subscription: item.parent?.subscription_details?.subscription ?? null,
    subtotal: 0,
    taxes: [],
  };
  copyItem(line, item);
  return line;
}

/** What a change of a subscription has left waiting is a line of that subscription. */
function parentOf(item: InvoiceItem): Line['parent'] {
  const owner = item.parent?.subscription_details;
  if (owner?.subscription_item !== undefined) {
    const details = {
      invoice_item: item.id,
      proration: item.proration,
      proration_details: prorationDetails(item),
      subscription: owner.subscription,
      subscription_item: owner.subscription_item,
    };
    return { invoice_item_details: null, subscription_item_details: details, type: 'subscription_item_details' };
  }
  const details = {
    invoice_item: item.id,
    proration: false,
    proration_details: null,
    subscription: owner?.subscription ?? null,
  };
  return { invoice_item_details: details, subscription_item_details: null, type: 'invoice_item_details' };
}

function prorationDetails(item: InvoiceItem): { credited_items: CreditedItems | null } | null {
  if (!item.proration) return null;
  const credited = item.proration_details?.credited_items?.invoice_line_item_details;
  return { credited_items: credited ?? null };
}

interface CreditedItems {
  invoice: string;
  invoice_line_items: string[];
}

/** Appends a line that no item stands behind: a subscription's own, or one of Checkout. */
export function placeLine(context: Context, invoice: Invoice, line: Line): Line {
  context.store.line_item.add(line);
  place(invoice, line, false);
  return line;
}

/** The same on an invoice that only shows what would be: neither is stored. */
export function showLine(invoice: Invoice, line: Line): void {
  place(invoice, line, false);
}

/** An item as a line of such an invoice: it goes on waiting. */
export function showItem(context: Context, invoice: Invoice, item: InvoiceItem): void {
  place(invoice, lineFor(context, invoice, item), false);
}

function place(invoice: Invoice, line: Line, first: boolean): void {
  const lines = linesOf(invoice);
  linesByInvoice.set(invoice, first ? [line, ...lines] : [...lines, line]);
}

/** A line says what its item says. */
export function copyItem(line: Line, item: InvoiceItem): void {
  line.amount = item.amount;
  line.subtotal = item.amount;
  line.description = item.description;
  line.discountable = item.discountable;
  line.discounts = [...(item.discounts ?? [])];
  line.metadata = { ...item.metadata };
  line.period = { ...item.period };
  line.pricing = item.pricing;
  line.quantity = item.quantity;
  line.quantity_decimal = item.quantity_decimal;
}

export function itemOf(context: Context, line: Line): InvoiceItem | undefined {
  return context.store.invoiceitem.get(itemIdOf(line) ?? '');
}

const itemIdOf = ({ parent }: Line): string | undefined =>
  parent?.invoice_item_details?.invoice_item ?? parent?.subscription_item_details?.invoice_item ?? undefined;

/** The line that an item has become, if it is on an invoice. */
export function lineOfItem(context: Context, item: InvoiceItem): Line | undefined {
  const invoice = context.store.invoice.get(item.invoice ?? '');
  if (invoice === undefined) return undefined;
  return linesOf(invoice).find((line) => itemIdOf(line) === item.id);
}

/** Takes a line off. Its item goes too, or waits for another invoice. */
export function removeLine(context: Context, invoice: Invoice, line: Line, fate: 'delete' | 'unassign'): void {
  const item = itemOf(context, line);
  linesByInvoice.set(
    invoice,
    linesOf(invoice).filter((one) => one !== line),
  );
  context.store.line_item.delete(line.id);
  if (item === undefined) return;
  if (fate === 'unassign') {
    item.invoice = null;
    return;
  }
  context.store.invoiceitem.delete(item.id);
  context.emit('invoiceitem.deleted', item);
}
