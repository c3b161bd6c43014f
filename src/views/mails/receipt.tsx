import type { OwnInvoice } from '../../billing/invoices/invoices.ts';
import type { MailText } from '../../messages/mail-transport.ts';

export interface InvoiceMailProps {
  readonly business: { readonly name: string; readonly details: string };
  readonly invoice: OwnInvoice;
  /** The public page. */
  readonly url: string;
}

export function receiptMail({ business, invoice, url }: InvoiceMailProps): MailText {
  return {
    subject: `Receipt for invoice ${invoice.number}`,
    text: `${business.name}\n${url}\n`,
    html: `<p>${url}</p>`,
  };
}
