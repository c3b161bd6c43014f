import { z } from 'zod';
import { letter } from '../../messages/letter.ts';
import { formatMoney } from '../../platform/money.ts';
import { amountsOfInvoice } from '../own-invoices/invoices.ts';
import { type InvoiceAtHand, invoiceAtHand } from './invoice-at-hand.ts';

interface PaymentFailed extends InvoiceAtHand {
  readonly words: string;
}

/** To the customer: a try to pay did not work, and the invoice is still open. */
export const paymentFailed = letter({
  kind: 'payment_failed',
  data: z.object({
    invoice: z.string(),
    /** Why, for the customer, e.g. `The card has insufficient funds.` */
    words: z.string(),
  }),
  async load({ invoice, words }, from) {
    const atHand = await invoiceAtHand(invoice, 'issued', from);
    return 'skipped' in atHand ? atHand : { ...atHand, words };
  },
  render({ invoice, url, words }: PaymentFailed) {
    const total = formatMoney({ amount: amountsOfInvoice(invoice).gross, currency: invoice.currency });
    const extras = invoice.lines.some(({ optional }) => optional);
    return {
      subject: `Your payment of invoice ${invoice.number} did not go through`,
      opening: [
        `Hello ${invoice.customer_name},`,
        `your payment of invoice ${invoice.number} did not go through. ${words}`,
        `This try has charged nothing, and the invoice over ${total}${extras ? ', without extras,' : ''} is still open. You can try again, in the same way or another.`,
      ],
      link: { url, text: 'Try again' },
    };
  },
});
