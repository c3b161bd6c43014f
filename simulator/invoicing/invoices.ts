import type { Context } from '../core/context.ts';
import { missingParam, refused } from '../core/errors.ts';
import { paginate, sublist } from '../core/lists.ts';
import { oneOf, type Params, string, unsimulated } from '../core/params.ts';
import { type Resource, refusedRoute, route } from '../core/routes.ts';
import { createdParam, inRange, listParams, range } from '../core/shared-params.ts';
import { blankInvoice } from './blank-invoice.ts';
import { inheritedDiscounts } from './discounts.ts';
import { recalculate, refreshDraft } from './figures.ts';
import { planFinalization } from './finalize.ts';
import { planFields } from './invoice-fields.ts';
import { createShape, updateShape } from './invoice-params.ts';
import { defaultPayment, paymentsOf } from './invoice-payment.ts';
import { waitingItems } from './item.ts';
import { addLine, type Invoice, itemOf, linesOf, removeLine } from './lines.ts';
import { paidOffStripe } from './settle.ts';

/** An invoice as it is now; a draft with its customer's present particulars. */
export const needInvoice = (context: Context, id: string, param?: string): Invoice =>
  refreshDraft(context, context.store.invoice.need(id, param));

/** The same with the time that its customer lives in. */
export function inTimeOfInvoice(context: Context, id: string): [Context, Invoice] {
  const invoice = needInvoice(context, id);
  return [context.inTimeOf(invoice.customer), invoice];
}

function create(account: Context, params: Params<typeof createShape>): Invoice {
  if (params.customer === undefined) throw missingParam('customer');
  const customer = account.store.customer.need(params.customer, 'customer');
  const context = account.inTimeOf(customer.id);
  const pending = waitingItems(context, customer);
  const currency = params.currency ?? customer.currency ?? pending[0]?.currency ?? 'usd';
  const foreign = pending.find((item) => item.currency !== currency);
  if (foreign !== undefined) {
    const message = `You cannot combine currencies on a single customer. This customer has had a subscription, coupon, or invoice item with currency ${foreign.currency}`;
    throw refused(message, { param: 'currency' });
  }
  const invoice = blankInvoice(context, customer, currency);
  const fields = planFields(context, invoice, params);
  if (params.collection_method === 'send_invoice' && customer.email === null) {
    throw refused(
      'Missing email. In order to create invoices that are sent to the customer, the customer must have a valid email.',
      { param: 'collection_method' },
    );
  }
  invoice.discounts = inheritedDiscounts(context, customer);
  fields();
  context.store.invoice.add(invoice);
  if (params.pending_invoice_items_behavior === 'include') {
    for (const item of pending.toReversed()) addLine(context, invoice, item, true);
  }
  recalculate(context, invoice);
  refreshDraft(context, invoice);
  planAdvance(context, invoice, params);
  context.emit('invoice.created', invoice);
  return invoice;
}

/** Keeps the plan to finalize in step with the fields that a request has set. */
function planAdvance(context: Context, invoice: Invoice, sent: Partial<Params<typeof updateShape>>): void {
  if (sent.automatically_finalizes_at !== undefined) {
    planFinalization(context, invoice, sent.automatically_finalizes_at);
  } else if (sent.auto_advance === false) invoice.automatically_finalizes_at = null;
  else if (sent.auto_advance === true && invoice.automatically_finalizes_at === null)
    planFinalization(context, invoice);
}

/** What may still be set on a finalized invoice. */
const EDITABLE_FOR_EVER = new Set(['metadata', 'auto_advance', 'default_payment_method', 'payment_settings']);

function update(context: Context, invoice: Invoice, params: Params<typeof updateShape>): Invoice {
  const frozen = Object.entries(params).find(([name, sent]) => sent !== undefined && !EDITABLE_FOR_EVER.has(name));
  if (invoice.status !== 'draft' && frozen !== undefined) {
    throw refused("Finalized invoices can't be updated in this way", {
      code: 'invoice_not_editable',
      param: frozen[0],
    });
  }
  const fields = planFields(context, invoice, params);
  return context.change(invoice, 'invoice.updated', () => {
    fields();
    if (invoice.status !== 'draft') return;
    recalculate(context, invoice);
    planAdvance(context, invoice, params);
  });
}

function remove(context: Context, invoice: Invoice): object {
  if (invoice.status !== 'draft' || invoice.parent !== null) {
    throw refused('You can only delete draft invoices that are not for a subscription; void this one instead.');
  }
  for (const line of linesOf(invoice)) {
    // Items that waited before the draft took them wait again; those that were made for it go with it.
    const wasPending = (itemOf(context, line)?.date ?? invoice.created) < invoice.created;
    removeLine(context, invoice, line, wasPending ? 'unassign' : 'delete');
  }
  const stub = context.store.invoice.delete(invoice.id);
  context.emit('invoice.deleted', invoice);
  return stub;
}

/** https://docs.stripe.com/api/invoices: the object itself. What happens to it is in invoice-actions.ts. */
export const invoices: Resource = {
  expansions: {
    discount: { customer: 'id', 'source.coupon': 'id' },
    invoice: {
      amount_paid_off_stripe: (context, id) => paidOffStripe(context.store.invoice.need(id)),
      confirmation_secret: (context, id) => confirmationSecret(context, context.store.invoice.need(id)),
      customer: 'id',
      default_payment_method: 'id',
      discounts: 'id',
      'from_invoice.invoice': 'id',
      latest_revision: 'id',
      'parent.subscription_details.subscription': 'id',
      payments: (context, id) =>
        sublist(paymentsOf(context.store.invoice.need(id)).toReversed(), `/v1/invoice_payments?invoice=${id}`),
      test_clock: 'id',
      'total_discount_amounts.discount': 'id',
    },
    line_item: {
      'discount_amounts.discount': 'id',
      discounts: 'id',
      'pricing.price_details.price': 'id',
      subscription: 'id',
    },
  },
  routes: [
    route('POST', '/v1/invoices', createShape, create),
    route('GET', '/v1/invoices/{id}', {}, (context, _params, { id }) => needInvoice(context, id)),
    route('POST', '/v1/invoices/{id}', updateShape, (context, params, { id }) =>
      update(...inTimeOfInvoice(context, id), params),
    ),
    route('DELETE', '/v1/invoices/{id}', {}, (context, _params, { id }) => remove(context, needInvoice(context, id))),
    route(
      'GET',
      '/v1/invoices',
      {
        ...listParams,
        ...createdParam,
        collection_method: oneOf('charge_automatically', 'send_invoice'),
        customer: string(),
        customer_account: unsimulated(),
        due_date: range(),
        status: oneOf('draft', 'open', 'paid', 'uncollectible', 'void'),
        subscription: string(),
      },
      (context, params) => {
        const { collection_method: method, created, customer, due_date: due, status, subscription } = params;
        const found = context.store.invoice.newestFirst(
          (invoice) =>
            (method === undefined || invoice.collection_method === method) &&
            (created === undefined || inRange(invoice.created, created)) &&
            (customer === undefined || invoice.customer === customer) &&
            (due === undefined || (invoice.due_date !== null && inRange(invoice.due_date, due))) &&
            (status === undefined || invoice.status === status) &&
            (subscription === undefined || invoice.parent?.subscription_details?.subscription === subscription),
        );
        const page = paginate(found, params, '/v1/invoices');
        for (const invoice of page.data) refreshDraft(context, invoice);
        return page;
      },
    ),
    refusedRoute('GET', '/v1/invoices/search'),
  ],
};

function confirmationSecret(context: Context, invoice: Invoice): Invoice['confirmation_secret'] {
  const intent = context.store.payment_intent.get(defaultPayment(invoice)?.payment.payment_intent ?? '');
  if (intent?.client_secret == null) return null;
  return { client_secret: intent.client_secret, type: 'payment_intent' };
}
