import { openReviewItems } from '../../src/billing/desk/review-items.ts';
import { findInvoice, type OwnInvoice } from '../../src/billing/own-invoices/invoices.ts';
import { issueInvoice } from '../../src/billing/own-invoices/manage-invoice.ts';
import { openCheckout } from '../../src/billing/own-invoices/open-checkout.ts';
import { paymentLogOf } from '../../src/billing/own-invoices/payment-log.ts';
import { firstRow } from '../../src/platform/db.ts';
import type { BillingUnderTest } from './billing-deps.ts';
import { createDraft } from './created-drafts.ts';

/** What tests of own invoices do again and again. */
const input = {
  customer_name: 'Green Garden Ltd',
  customer_email: 'garden@example.com',
  currency: 'eur',
  lines: [
    { description: 'Workshop', quantity: 2, unit_amount: 12_000, tax_percent: '20' },
    { description: 'Recording', unit_amount: 3_000, tax_percent: '20', optional: true },
  ],
};
/** 2 × 120.00 and 20 % tax. */
export const FIXED = 28_800;
export const WITH_EXTRA = 32_400;

export function ownInvoices({ deps, side }: BillingUnderTest) {
  const { db, stripe } = deps;
  return {
    async issued(change: object = {}): Promise<OwnInvoice> {
      const draft = await createDraft({ ...input, ...change }, 'test', deps);
      return issueInvoice(draft.id, { mail: false }, 'test', deps);
    },

    /** Opens the payment page. @returns the Checkout Session */
    async opened(invoice: OwnInvoice, ticked: number[] = []): Promise<string> {
      const end = await openCheckout(invoice.id, ticked, deps);
      if (end.end !== 'redirect') throw new Error(`not opened: ${end.end}`);
      const row = await firstRow<{ stripe_session: string }>(
        db,
        `SELECT stripe_session FROM checkout_attempts WHERE invoice = ? AND state = 'open'`,
        [invoice.id],
      );
      return row?.stripe_session ?? '';
    },

    async pay(session: string, choice = 'card'): Promise<void> {
      const buyer = { email: 'garden@example.com', name: 'Green Garden' };
      await side.control('POST', '/_sim/checkout/pay', { session, choice, ...buyer });
    },

    async intentOf(session: string): Promise<string> {
      const { payment_intent } = await stripe.checkout.sessions.retrieve(session);
      return typeof payment_intent === 'string' ? payment_intent : (payment_intent?.id ?? '');
    },

    async logOf(invoice: OwnInvoice): Promise<string[]> {
      return (await paymentLogOf(db, invoice.id)).map(({ kind }) => kind);
    },

    async statusOf(invoice: OwnInvoice): Promise<string | undefined> {
      return (await findInvoice(db, invoice.id))?.status;
    },

    async reviewsOf(subject: string): Promise<string[]> {
      return (await openReviewItems(db)).filter((item) => item.subject === subject).map(({ kind }) => kind);
    },
  };
}
