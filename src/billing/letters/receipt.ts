import { z } from 'zod';
import { letter } from '../../messages/letter.ts';
import { dayIn } from '../../platform/business-day.ts';
import { longDay } from '../../platform/figures.ts';
import { formatMoney } from '../../platform/money.ts';
import type { Row } from '../../platform/words.ts';
import { type InvoiceAtHand, invoiceAtHand } from './invoice-at-hand.ts';
import { linesOf } from './lines-of-invoice.ts';

interface Receipt extends InvoiceAtHand {
  readonly method?: string | undefined;
}

/** To the customer: the money has arrived. */
export const receipt = letter({
  kind: 'receipt',
  data: z.object({
    invoice: z.string(),
    /** How it was paid, e.g. `by card`; without it that is not told. */
    method: z.string().optional(),
  }),
  async load({ invoice, method }, from) {
    const atHand = await invoiceAtHand(invoice, 'paid', from);
    return 'skipped' in atHand ? atHand : { ...atHand, method };
  },
  render({ invoice, url, method }: Receipt, { business }) {
    const { paid_at: at, paid_amount: amount, payment_intent: reference, currency } = invoice;
    const what = amount === null ? 'your payment' : `your payment of ${formatMoney({ amount, currency })}`;
    const paid = method ? `${what} ${method}` : what;
    const facts: Row[] = [
      ...(at ? [{ name: 'Paid on', value: longDay(dayIn(business.timeZone, at)) }] : []),
      ...(reference ? [{ name: 'Reference', value: reference }] : []),
    ];
    return {
      subject: `Receipt for invoice ${invoice.number} from ${business.name}`,
      opening: [
        `Hello ${invoice.customer_name},`,
        `thank you: we have received ${paid}. Invoice ${invoice.number} is paid.`,
      ],
      lines: linesOf(invoice),
      facts,
      link: { url, text: 'View the paid invoice' },
    };
  },
});
