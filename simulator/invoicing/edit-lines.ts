import type { Context } from '../core/context.ts';
import { invalidParam, missingParam, refused } from '../core/errors.ts';
import type { Params } from '../core/params.ts';
import { type MetadataUpdate, mergeMetadata } from '../core/shared-params.ts';
import { recalculate } from './figures.ts';
import { checkTaxAmounts, givenTaxes, type SentTaxAmount } from './given-tax.ts';
import { type InvoiceItem, type Plan, planItem, planItemUpdate } from './item.ts';
import type { lineShape } from './item-params.ts';
import {
  addLine,
  copyItem,
  givenTaxesOf,
  giveTaxes,
  type Invoice,
  itemOf,
  type Line,
  linesOf,
  needLine,
  removeLine,
} from './lines.ts';
import { within } from './param-path.ts';

type SentLine = Params<typeof lineShape>;
export type NewLine = SentLine & { invoice_item?: string | undefined };
export type ChangedLine = SentLine & { id: string };

/** More than this Stripe does not take in one request. */
const MAX_LINES = 250;

/** What every change of a draft's lines checks first: https://docs.stripe.com/api/invoices/add_lines */
export function checkEditable(invoice: Invoice): void {
  if (invoice.status === 'draft') return;
  throw refused('This invoice is no longer editable.', { code: 'invoice_not_editable' });
}

/** Makes a checked change and adds the draft up again: one `invoice.updated`, which carries the metadata too. */
export function editDraft(context: Context, invoice: Invoice, plan: Plan<void>, metadata?: MetadataUpdate): void {
  const annotated = mergeMetadata(invoice.metadata, metadata);
  context.change(invoice, 'invoice.updated', () => {
    plan();
    invoice.metadata = annotated;
    recalculate(context, invoice);
  });
}

/** New lines: all or none. Emits `invoiceitem.created` for each. */
export function planAddLines(context: Context, invoice: Invoice, sent: readonly NewLine[]): Plan<void> {
  checkEditable(invoice);
  checkCount(sent);
  const plans = sent.map((line, index) => planLine(context, invoice, line, `lines[${index}]`));
  checkTaxKinds(context, invoice, [], sent);
  return () => {
    for (const plan of plans) plan();
  };
}

function planLine(context: Context, invoice: Invoice, sent: NewLine, param: string): Plan<void> {
  const taxes = planTaxes(context, sent.tax_amounts, within(param, 'tax_amounts'));
  const item =
    sent.invoice_item === undefined ? newItem(context, invoice, sent, param) : pending(context, invoice, sent, param);
  return () => {
    const line = addLine(context, invoice, item());
    taxes(line);
  };
}

function newItem(context: Context, invoice: Invoice, sent: SentLine, param: string): Plan<InvoiceItem> {
  const { currency, customer, id } = invoice;
  return planItem(context, sent, { currency, customer: customer ?? '', invoice: id }, param);
}

function pending(context: Context, invoice: Invoice, sent: NewLine, param: string): Plan<InvoiceItem> {
  const item = context.store.invoiceitem.need(sent.invoice_item ?? '', within(param, 'invoice_item'));
  if (item.invoice !== null || item.customer !== invoice.customer || item.currency !== invoice.currency) {
    const message = `The invoice item ${item.id} can't be added to this invoice: it must be unassigned, of the same customer and in the same currency.`;
    throw refused(message, { param: within(param, 'invoice_item') });
  }
  return planItemUpdate(context, item, sent, param);
}

/** Changes to lines: all or none. `param` is empty where one line is the whole request. */
export function planUpdateLines(
  context: Context,
  invoice: Invoice,
  sent: readonly ChangedLine[],
  param = 'lines',
): Plan<void> {
  checkEditable(invoice);
  checkCount(sent);
  const plans = sent.map((change, index) => {
    const at = param === '' ? '' : `${param}[${index}]`;
    const line = needLine(invoice, change.id, at === '' ? 'id' : within(at, 'id'));
    const taxes = planTaxes(context, change.tax_amounts, within(at, 'tax_amounts'));
    const item = itemOf(context, line);
    if (item === undefined) throw refused(`The line item ${line.id} belongs to a subscription and can't be changed.`);
    const update = planItemUpdate(context, item, change, at);
    return (): void => {
      copyItem(line, update());
      taxes(line);
    };
  });
  checkTaxKinds(
    context,
    invoice,
    sent.map(({ id }) => id),
    sent,
  );
  return () => {
    for (const plan of plans) plan();
  };
}

export interface RemovedLine {
  id: string;
  behavior: 'delete' | 'unassign';
}

/** Lines to take off: all or none. Emits `invoiceitem.deleted` where the item goes too. */
export function planRemoveLines(context: Context, invoice: Invoice, sent: readonly RemovedLine[]): Plan<void> {
  checkEditable(invoice);
  checkCount(sent);
  const lines = sent.map(({ id, behavior }, index) => {
    return { line: needLine(invoice, id, `lines[${index}][id]`), behavior };
  });
  return () => {
    for (const { line, behavior } of lines) removeLine(context, invoice, line, behavior);
  };
}

function checkCount(sent: readonly unknown[]): void {
  if (sent.length === 0) throw missingParam('lines');
  if (sent.length > MAX_LINES) {
    throw invalidParam(`Array too long: maximum size is ${MAX_LINES}, got ${sent.length}`, 'lines');
  }
}

function planTaxes(
  context: Context,
  sent: readonly SentTaxAmount[] | null | undefined,
  param: string,
): (line: Line) => void {
  if (sent === undefined) return () => undefined;
  checkTaxAmounts(sent ?? [], param);
  return (line) => giveTaxes(line, sent === null ? null : givenTaxes(context, sent));
}

/** "You cannot set tax amounts if any line item has tax_rates or if the invoice has default_tax_rates." */
function checkTaxKinds(
  context: Context,
  invoice: Invoice,
  changed: readonly string[],
  sent: readonly SentLine[],
): void {
  const untouched = linesOf(invoice).filter(({ id }) => !changed.includes(id));
  const amounts =
    sent.some(({ tax_amounts }) => filled(tax_amounts)) || untouched.some((line) => filled(givenTaxesOf(line)));
  const rates =
    invoice.default_tax_rates.length > 0 ||
    sent.some(({ tax_rates }) => filled(tax_rates)) ||
    untouched.some((line) => filled(itemOf(context, line)?.tax_rates));
  if (amounts && rates) {
    const message =
      'You cannot set tax amounts on this invoice because one of its line items has tax rates or the invoice has default tax rates.';
    throw refused(message, { param: 'lines' });
  }
}

const filled = (list: readonly unknown[] | null | undefined): boolean => list != null && list.length > 0;
