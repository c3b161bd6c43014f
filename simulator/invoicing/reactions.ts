import type { Reactions } from '../core/context.ts';
import { recordFailure } from './collect.ts';
import { paymentsBy } from './invoice-payment.ts';
import { receive } from './settle.ts';

/** What happens to invoices when the payments do something. */
export const invoicingReactions: Reactions = {
  'payment_intent.succeeded'(context, intent) {
    for (const payment of paymentsBy(intent)) {
      const invoice = context.store.invoice.get(payment.invoice);
      if (payment.status !== 'open' || invoice === undefined) continue;
      receive(context.inTimeOf(invoice.customer), invoice, payment, intent);
    }
  },

  'payment_intent.payment_failed'(context, intent) {
    for (const payment of paymentsBy(intent)) {
      const invoice = context.store.invoice.get(payment.invoice);
      if (payment.is_default && invoice?.status === 'open') recordFailure(context.inTimeOf(invoice.customer), invoice);
    }
  },
};
