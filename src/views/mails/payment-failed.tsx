import type { MailText } from '../../messages/mail-transport.ts';
import type { InvoiceMailProps } from './receipt.tsx';

export function paymentFailedMail({ business, invoice, url }: InvoiceMailProps & { readonly words: string }): MailText {
  return { subject: `Invoice ${invoice.number}`, text: `${business.name}\n${url}\n`, html: `<p>${url}</p>` };
}
