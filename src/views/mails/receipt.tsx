import type { OwnInvoice } from '../../billing/own-invoices/invoices.ts';
import type { MailText } from '../../messages/mail-transport.ts';
import { dayIn } from '../../platform/business-day.ts';
import { formatMoney } from '../../platform/money.ts';
import type { Business } from '../business.ts';
import { longDay } from '../figures.ts';
import { mailOf, type Row } from './letter.tsx';
import { linesOf } from './letter-lines.ts';

export interface InvoiceMailProps {
  readonly business: Business;
  readonly invoice: OwnInvoice;
  /** The public page. */
  readonly url: string;
}

export interface ReceiptProps extends InvoiceMailProps {
  /** How it was paid, e.g. `by card`; undefined: not told. */
  readonly method?: string | undefined;
}

/** To the customer: the money has arrived. */
export function receiptMail({ business, invoice, url, method }: ReceiptProps): MailText {
  const { paid_at: at, paid_amount: amount, payment_intent: reference, currency } = invoice;
  const what = amount === null ? 'your payment' : `your payment of ${formatMoney({ amount, currency })}`;
  const paid = method ? `${what} ${method}` : what;
  const facts: Row[] = [
    ...(at ? [{ name: 'Paid on', value: longDay(dayIn(business.timeZone, at)) }] : []),
    ...(reference ? [{ name: 'Reference', value: reference }] : []),
  ];
  return mailOf({
    business,
    subject: `Receipt for invoice ${invoice.number} from ${business.name}`,
    opening: [
      `Hello ${invoice.customer_name},`,
      `thank you: we have received ${paid}. Invoice ${invoice.number} is paid.`,
    ],
    lines: linesOf(invoice),
    facts,
    link: { url, text: 'View the paid invoice' },
  });
}
