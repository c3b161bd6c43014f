import { amountsOfInvoice } from '../../billing/own-invoices/invoices.ts';
import type { MailText } from '../../messages/mail-transport.ts';
import { formatMoney } from '../../platform/money.ts';
import { mailOf } from './letter.tsx';
import type { InvoiceMailProps } from './receipt.tsx';

/** @property words why, for the customer, e.g. `The card has insufficient funds.` */
export interface PaymentFailedProps extends InvoiceMailProps {
  readonly words: string;
}

/** To the customer: a try to pay did not work, and the invoice is still open. */
export function paymentFailedMail({ business, invoice, url, words }: PaymentFailedProps): MailText {
  const total = formatMoney({ amount: amountsOfInvoice(invoice).gross, currency: invoice.currency });
  const extras = invoice.lines.some(({ optional }) => optional);
  return mailOf({
    business,
    subject: `Your payment of invoice ${invoice.number} did not go through`,
    opening: [
      `Hello ${invoice.customer_name},`,
      `your payment of invoice ${invoice.number} did not go through. ${words}`,
      `This try has charged nothing, and the invoice over ${total}${extras ? ', without extras,' : ''} is still open. You can try again, in the same way or another.`,
    ],
    link: { url, text: 'Try again' },
  });
}
