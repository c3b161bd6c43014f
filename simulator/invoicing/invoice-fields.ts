import type { Context } from '../core/context.ts';
import { invalidParam, notSimulated, refused } from '../core/errors.ts';
import type { Params } from '../core/params.ts';
import { mergeMetadata } from '../core/shared-params.ts';
import { planDiscounts } from './discounts.ts';
import type { updateShape } from './invoice-params.ts';
import type { Plan } from './item.ts';
import type { Invoice } from './lines.ts';

export type SentFields = Partial<Params<typeof updateShape>>;

const DAY = 86_400;

/** Checks the fields that creating and updating share; the returned function sets them. What was not sent stays. */
export function planFields(context: Context, invoice: Invoice, sent: SentFields): Plan<void> {
  if (sent.automatic_tax?.enabled === true) throw notSimulated('automatic_tax[enabled]');
  checkPaymentMethod(context, invoice, sent.default_payment_method);
  checkNumber(context, invoice, sent.number);
  const due = planDueDate(context, invoice, sent);
  const rates = sent.default_tax_rates === undefined ? undefined : ratesOf(context, sent.default_tax_rates ?? []);
  const discounts =
    sent.discounts === undefined
      ? undefined
      : planDiscounts(context, sent.discounts ?? [], invoice.currency, 'discounts');
  return () => {
    due();
    if (rates !== undefined) invoice.default_tax_rates = rates;
    if (discounts !== undefined) invoice.discounts = discounts({ customer: invoice.customer, invoice: invoice.id });
    invoice.default_payment_method = sent.default_payment_method ?? invoice.default_payment_method;
    invoice.automatically_finalizes_at = sent.automatically_finalizes_at ?? invoice.automatically_finalizes_at;
    invoice.statement_descriptor = sent.statement_descriptor ?? invoice.statement_descriptor;
    if (sent.auto_advance !== undefined) invoice.auto_advance = sent.auto_advance;
    if (sent.custom_fields !== undefined) invoice.custom_fields = sent.custom_fields;
    if (sent.description !== undefined) invoice.description = sent.description;
    if (sent.effective_at !== undefined) invoice.effective_at = sent.effective_at;
    if (sent.footer !== undefined) invoice.footer = sent.footer;
    if (sent.number !== undefined) invoice.number = sent.number;
    invoice.metadata = mergeMetadata(invoice.metadata, sent.metadata);
    setLooks(invoice, sent);
  };
}

function setLooks(invoice: Invoice, { rendering, shipping_details: shipping, payment_settings: payment }: SentFields) {
  if (rendering !== undefined) {
    const { amount_tax_display: display, pdf } = rendering;
    invoice.rendering = {
      amount_tax_display: display === undefined ? (invoice.rendering?.amount_tax_display ?? null) : display,
      pdf: pdf === undefined ? (invoice.rendering?.pdf ?? null) : { page_size: pdf.page_size ?? null },
      template: null,
      template_version: null,
    };
  }
  if (shipping === null) invoice.shipping_details = null;
  else if (shipping !== undefined) {
    const { address, name, phone } = shipping;
    invoice.shipping_details = { ...(address === null ? {} : { address }), name, phone: phone ?? null };
  }
  if (payment?.payment_method_types !== undefined) {
    invoice.payment_settings.payment_method_types = payment.payment_method_types;
  }
}

function checkPaymentMethod(context: Context, invoice: Invoice, id: string | undefined): void {
  if (id === undefined) return;
  const method = context.store.payment_method.need(id, 'default_payment_method');
  if (method.customer !== invoice.customer) {
    const message = `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`;
    throw refused(message, { code: 'resource_missing', param: 'default_payment_method' });
  }
}

function checkNumber(context: Context, invoice: Invoice, number: string | null | undefined): void {
  if (number == null) return;
  const [taken] = context.store.invoice.newestFirst((other) => other !== invoice && other.number === number);
  if (taken !== undefined) throw refused('An invoice already exists with this invoice number.', { param: 'number' });
}

/** Whoever gets a bill needs a date to pay it by; a charge needs none. */
function planDueDate(context: Context, invoice: Invoice, sent: SentFields): Plan<void> {
  const method = sent.collection_method ?? invoice.collection_method;
  const { days_until_due: days, due_date: date } = sent;
  if (days !== undefined && date !== undefined) {
    const message = 'You may only specify one of these parameters: days_until_due, due_date.';
    throw invalidParam(message, 'due_date', 'parameters_exclusive');
  }
  if (method === 'charge_automatically') {
    const param = days === undefined ? 'due_date' : 'days_until_due';
    if ((days ?? date) !== undefined) {
      throw refused(`You can only specify ${param} if collection_method is send_invoice.`, { param });
    }
    return () => {
      invoice.collection_method = method;
      invoice.due_date = null;
    };
  }
  if (date !== undefined && date < context.now()) {
    throw refused('The due_date must be in the future.', { param: 'due_date' });
  }
  const due = date ?? (days === undefined ? invoice.due_date : context.now() + days * DAY);
  if (due === null) {
    throw refused("If collection_method is 'send_invoice', you must specify either due_date or days_until_due.", {
      param: 'due_date',
    });
  }
  return () => {
    invoice.collection_method = method;
    invoice.due_date = due;
  };
}

function ratesOf(context: Context, ids: readonly string[]): Invoice['default_tax_rates'] {
  return ids.map((id, index) => context.store.tax_rate.need(id, `default_tax_rates[${index}]`));
}
