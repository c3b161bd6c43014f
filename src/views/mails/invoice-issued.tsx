import type { MailText } from '../../messages/mail-transport.ts';
import type { InvoiceMailProps } from './receipt.tsx';

export function invoiceIssuedMail({ business, invoice, url }: InvoiceMailProps): MailText {
  return { subject: `Invoice ${invoice.number}`, text: `${business.name}\n${url}\n`, html: `<p>${url}</p>` };
}
