import type { Context, Reactions } from '../core/context.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { completeSession, sessionOf } from './completion.ts';
import { invoiceOfSession } from './session-invoice.ts';

/** With `invoice_creation` Stripe makes its own paid invoice, a moment after the payment. */
function planInvoice(context: Context, session: ObjectTypes['checkout.session'] | undefined): void {
  if (session?.status !== 'complete' || session.invoice_creation?.enabled !== true) return;
  context.later(context.account.settings.invoiceCreationDelayMs, (later) => invoiceOfSession(later, session));
}

/** What becomes of a session when its payment goes on without the page: after 3-D Secure, or days later at the bank. */
export const sessionReactions: Reactions = {
  'checkout.session.completed'(context, session) {
    if (session.payment_status === 'paid') planInvoice(context, session);
  },
  'setup_intent.succeeded'(context, { id }) {
    const [session] = context.store['checkout.session'].newestFirst(({ setup_intent: own }) => own === id);
    if (session?.status === 'open') completeSession(context, session, 'no_payment_required');
  },
  'payment_intent.succeeded'(context, intent) {
    const session = sessionOf(context, intent.id);
    // While the page is still at work the session is open, and `confirmSession` completes it.
    planInvoice(context, session);
    if (session?.status !== 'complete' || session.payment_status !== 'unpaid') return;
    session.payment_status = 'paid';
    if (intent.latest_charge?.startsWith('py_')) context.emit('checkout.session.async_payment_succeeded', session);
  },
  'payment_intent.payment_failed'(context, intent) {
    const session = sessionOf(context, intent.id);
    if (session?.status === 'complete') context.emit('checkout.session.async_payment_failed', session);
  },
};
