import type { Context } from '../core/context.ts';
import { missingParam, refused } from '../core/errors.ts';
import { paginate } from '../core/lists.ts';
import { bool, type Params, string, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { createdParam, currency, inRange, listParams } from '../core/shared-params.ts';
import { checkEditable, editDraft } from './edit-lines.ts';
import { needInvoice } from './invoices.ts';
import { type InvoiceItem, planItem, planItemUpdate } from './item.ts';
import { itemShape } from './item-params.ts';
import { addLine, copyItem, type Invoice, lineOfItem, removeLine } from './lines.ts';

const createShape = {
  ...itemShape,
  currency: currency(),
  customer: string(),
  customer_account: unsimulated(),
  invoice: string(),
  subscription: unsimulated(),
} as const;

function create(account: Context, params: Params<typeof createShape>): InvoiceItem {
  const invoice = params.invoice === undefined ? undefined : needInvoice(account, params.invoice, 'invoice');
  const customerId = params.customer ?? invoice?.customer ?? undefined;
  if (customerId === undefined) throw missingParam('customer');
  const customer = account.store.customer.need(customerId, 'customer');
  const context = account.inTimeOf(customer.id);
  if (invoice !== undefined) checkFits(invoice, customerId, params.currency);
  const priced = params.price_data?.currency ?? context.store.price.get(params.pricing?.price ?? '')?.currency;
  const code = params.currency ?? invoice?.currency ?? priced ?? customer.currency ?? 'usd';
  if (invoice === undefined && customer.currency != null && customer.currency !== code) {
    const message = `You cannot combine currencies on a single customer. This customer has had a subscription, coupon, or invoice item with currency ${customer.currency}`;
    throw refused(message, { param: 'currency' });
  }
  const plan = planItem(context, params, { currency: code, customer: customerId, invoice: invoice?.id ?? null });
  if (invoice === undefined) {
    customer.currency = code;
    return plan();
  }
  const item = plan();
  editDraft(context, invoice, () => {
    addLine(context, invoice, item);
  });
  return item;
}

function checkFits(invoice: Invoice, customerId: string, code: string | undefined): void {
  checkEditable(invoice);
  if (invoice.customer !== customerId) {
    throw refused('The invoice belongs to another customer than the invoice item.', { param: 'invoice' });
  }
  if (code !== undefined && code !== invoice.currency) {
    throw refused(`The invoice is in ${invoice.currency}, the invoice item in ${code}.`, { param: 'currency' });
  }
}

/** The draft that an item is on, if any; on anything else than a draft an item is fixed. */
function draftOf(context: Context, item: InvoiceItem): Invoice | undefined {
  if (item.invoice === null) return undefined;
  const invoice = needInvoice(context, item.invoice);
  checkEditable(invoice);
  return invoice;
}

function update(context: Context, item: InvoiceItem, params: Params<typeof itemShape>): InvoiceItem {
  const invoice = draftOf(context, item);
  const plan = planItemUpdate(context, item, params);
  const line = lineOfItem(context, item);
  if (invoice === undefined || line === undefined) return plan();
  editDraft(context, invoice, () => copyItem(line, plan()));
  return item;
}

function remove(context: Context, item: InvoiceItem): object {
  const invoice = draftOf(context, item);
  const line = lineOfItem(context, item);
  if (invoice === undefined || line === undefined) {
    const stub = context.store.invoiceitem.delete(item.id);
    context.emit('invoiceitem.deleted', item);
    return stub;
  }
  editDraft(context, invoice, () => removeLine(context, invoice, line, 'delete'));
  return { id: item.id, object: 'invoiceitem', deleted: true };
}

/** https://docs.stripe.com/api/invoiceitems */
export const invoiceItems: Resource = {
  expansions: {
    invoiceitem: {
      customer: 'id',
      discounts: 'id',
      invoice: 'id',
      'pricing.price_details.price': 'id',
      test_clock: 'id',
    },
  },
  routes: [
    route('POST', '/v1/invoiceitems', createShape, create),
    route('GET', '/v1/invoiceitems/{id}', {}, (context, _params, { id }) => context.store.invoiceitem.need(id)),
    route(
      'POST',
      '/v1/invoiceitems/{id}',
      { ...itemShape, invoicing_rules: unsimulated() },
      (context, params, { id }) => update(context, context.store.invoiceitem.need(id), params),
    ),
    route('DELETE', '/v1/invoiceitems/{id}', {}, (context, _params, { id }) =>
      remove(context, context.store.invoiceitem.need(id)),
    ),
    route(
      'GET',
      '/v1/invoiceitems',
      {
        ...listParams,
        ...createdParam,
        customer: string(),
        customer_account: unsimulated(),
        invoice: string(),
        pending: bool(),
      },
      (context, params) => {
        const { created, customer, invoice, pending } = params;
        const found = context.store.invoiceitem.newestFirst(
          (item) =>
            (created === undefined || inRange(item.date, created)) &&
            (customer === undefined || item.customer === customer) &&
            (invoice === undefined || item.invoice === invoice) &&
            (pending === undefined || (item.invoice === null) === pending),
        );
        return paginate(found, params, '/v1/invoiceitems');
      },
    ),
  ],
};
