import { parseInvoiceInput } from '../../src/billing/own-invoices/invoice-input.ts';
import { changeDraft, createInvoice } from '../../src/billing/own-invoices/manage-invoice.ts';

/** As the doors do it: what is given is parsed, once, and then made. */
export function createDraft(given: unknown, actor: string, deps: Parameters<typeof createInvoice>[2]) {
  return createInvoice(parseInvoiceInput(given), actor, deps);
}

export function reviseDraft(id: string, given: unknown, deps: Parameters<typeof changeDraft>[3]) {
  return changeDraft(id, parseInvoiceInput(given), 'test', deps);
}
