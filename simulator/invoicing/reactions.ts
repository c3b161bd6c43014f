import { sessionOf } from '../checkout/completion.ts';
import type { Context, Reactions } from '../core/context.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { recordFailure } from './collect.ts';
import { paymentsBy } from './invoice-payment.ts';
import { invoiceOfSession } from './session-invoice.ts';
import { receive } from './settle.ts';

/** With `invoice_creation` Stripe makes its own paid invoice, a moment after the payment. */
function planInvoice(context: Context, session: ObjectTypes['checkout.session'] | undefined): void {
  if (session?.status !== 'complete' || session.invoice_creation?.enabled !== true) return;
  context.later(context.account.settings.invoiceCreationDelayMs, (later) => invoiceOfSession(later, session));
}

/** What happens to invoices when the payments do something. */
export const invoicingReactions: Reactions = {
  'checkout.session.completed'(context, session) {
    if (session.payment_status === 'paid') planInvoice(context, session);
  },

  'payment_intent.succeeded'(context, intent) {
    // While the page is still at work the session is open, and its completion tells.
    planInvoice(context, sessionOf(context, intent.id));
    for (const payment of paymentsBy(intent)) {
      const invoice = context.store.invoice.get(payment.invoice);
      if (payment.status === 'open' && invoice !== undefined) receive(context, invoice, payment, intent);
    }
  },

  'payment_intent.payment_failed'(context, intent) {
    for (const payment of paymentsBy(intent)) {
      const invoice = context.store.invoice.get(payment.invoice);
      if (payment.is_default && invoice?.status === 'open') recordFailure(context, invoice);
    }
  },
};
