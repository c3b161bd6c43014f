import { amountsOfInvoice } from '../../billing/own-invoices/invoices.ts';
import type { MailText } from '../../messages/mail-transport.ts';
import { formatMoney } from '../../platform/money.ts';
import { longDay } from '../figures.ts';
import { mailOf } from './letter.tsx';
import { linesOf } from './letter-lines.ts';
import type { InvoiceMailProps } from './receipt.tsx';

/** To the customer: here is the invoice, and where it can be paid. */
export function invoiceIssuedMail({ business, invoice, url }: InvoiceMailProps): MailText {
  const { due_date: due, currency } = invoice;
  const total = formatMoney({ amount: amountsOfInvoice(invoice).gross, currency });
  const extras = invoice.lines.some(({ optional }) => optional);
  return mailOf({
    business,
    subject: `Invoice ${invoice.number} from ${business.name}`,
    opening: [
      `Hello ${invoice.customer_name},`,
      `here is invoice ${invoice.number} for ${total}${due ? `, payable by ${longDay(due)}` : ''}.`,
    ],
    lines: linesOf(invoice),
    link: { url, text: 'View and pay the invoice' },
    closing: [
      ...(extras ? ['The page also offers optional extras, which you can add before you pay.'] : []),
      ...(invoice.notes ? [invoice.notes] : []),
    ],
  });
}
