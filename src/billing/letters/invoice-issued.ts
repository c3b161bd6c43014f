import { z } from 'zod';
import { letter } from '../../messages/letter.ts';
import { longDay } from '../../platform/figures.ts';
import { formatMoney } from '../../platform/money.ts';
import { amountsOfInvoice } from '../own-invoices/invoices.ts';
import { type InvoiceAtHand, invoiceAtHand } from './invoice-at-hand.ts';
import { linesOf } from './lines-of-invoice.ts';

/** To the customer: here is the invoice, and where it can be paid. */
export const invoiceIssued = letter({
  kind: 'invoice_issued',
  data: z.object({ invoice: z.string() }),
  load: ({ invoice }, from) => invoiceAtHand(invoice, 'issued', from),
  render({ invoice, url }: InvoiceAtHand, { business }) {
    const { due_date: due, currency } = invoice;
    const total = formatMoney({ amount: amountsOfInvoice(invoice).gross, currency });
    const extras = invoice.lines.some(({ optional }) => optional);
    return {
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
    };
  },
});
