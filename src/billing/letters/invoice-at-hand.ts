import type { Skipped, Source } from '../../messages/letter.ts';
import { findInvoice, type OwnInvoice } from '../own-invoices/invoices.ts';
import { tokenOf } from '../own-invoices/public-link.ts';

/** What letters to a customer read: an invoice, as long as it is in the state that they speak of. */
export interface InvoiceAtHand {
  readonly invoice: OwnInvoice;
  /** The public page. */
  readonly url: string;
}

export async function invoiceAtHand(
  id: string,
  status: OwnInvoice['status'],
  { db, publicUrl }: Source,
): Promise<InvoiceAtHand | Skipped> {
  const invoice = await findInvoice(db, id);
  if (invoice?.status !== status) return { skipped: `the invoice is ${invoice?.status ?? 'not there'} by now` };
  return { invoice, url: `${publicUrl}/i/${await tokenOf(db, invoice)}` };
}
