import { isTakenUp, settleWhenBooked } from '../adjustments/settle-when-booked.ts';
import type { Deps } from '../deps/deps.ts';
import { attemptOfSession } from '../own-invoices/checkout-attempts.ts';
import { findInvoice } from '../own-invoices/invoices.ts';
import { findPayment } from '../payments/payments.ts';
import { isKnown } from '../subscriptions/subscriptions.ts';
import type { Found } from './page.ts';
import { previewPayment } from './preview-payment.ts';
import { remembered } from './remembered.ts';

/** What a backfill would create, thing by thing, without writing anything anywhere. */
export interface Preview {
  /** Payments that were looked at. */
  readonly payments: number;
  /** Subscriptions that would be asked about. */
  readonly subscriptions: number;
  /** Those of them that are not known here. */
  readonly newSubscriptions: number;
  /** @returns one sentence per document or question; none for what was looked at before */
  of(found: Exclude<Found, { problem: string }>): Promise<string[]>;
}

export function preview(deps: Deps): Preview {
  const seen = remembered();
  let payments = 0;
  let subscriptions = 0;
  let newSubscriptions = 0;

  async function ofPayment(payment: string): Promise<string[]> {
    if (seen.has(payment)) return [];
    const sentences = await previewPayment(payment, deps);
    seen.add(payment);
    payments += 1;
    return sentences;
  }

  async function ofCheckout(id: string): Promise<string[]> {
    const attempt = await attemptOfSession(deps.db, id);
    const session = await deps.stripe.checkout.sessions.retrieve(id);
    const intent = typeof session.payment_intent === 'string' ? session.payment_intent : session.payment_intent?.id;
    if (!attempt || session.payment_status !== 'paid' || !intent) return [];
    const invoice = await findInvoice(deps.db, attempt.invoice);
    const paid = invoice?.status === 'issued' ? [`payment of own invoice ${invoice.number} (${intent})`] : [];
    return [...paid, ...(await ofPayment(intent))];
  }

  async function ofSubscription(id: string): Promise<string[]> {
    if (seen.has(id)) return [];
    if (!(await isKnown(deps.db, id))) newSubscriptions += 1;
    seen.add(id);
    subscriptions += 1;
    return [];
  }

  return {
    get payments() {
      return payments;
    },
    get subscriptions() {
      return subscriptions;
    },
    get newSubscriptions() {
      return newSubscriptions;
    },
    async of(found) {
      if ('session' in found) return ofCheckout(found.session);
      // A mirror leaves no document.
      if ('subscription' in found) return ofSubscription(found.subscription);
      if ('bring' in found) return [];
      const { payment, useCase } = found;
      const isPassedOver =
        useCase === settleWhenBooked && !isTakenUp(await findPayment(deps.db, { account: '', paymentIntent: payment }));
      return isPassedOver ? [] : ofPayment(payment);
    },
  };
}
