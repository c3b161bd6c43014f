import { expect, test } from 'vitest';
import { openReviewItems } from '../../../src/billing/desk/review-items.ts';
import { confirmCheckout } from '../../../src/billing/own-invoices/confirm-checkout.ts';
import { voidInvoice } from '../../../src/billing/own-invoices/manage-invoice.ts';
import { decideReview } from '../../../src/billing/questions.ts';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { ownInvoices } from '../../support/own-invoices.ts';

/** A decision about a payment holds, however often its payer comes back to the page. */
const billing = await billingUnderTest();
const { deps } = billing;
const { db } = deps;
const { issued, opened, pay, intentOf, reviewsOf, statusOf } = ownInvoices(billing);

const decide = async (subject: string, choice: string) => {
  const item = (await openReviewItems(db)).find((each) => each.subject === subject);
  await decideReview(item?.id ?? 0, { choice, actor: 'admin:test', reason: 'agreed' }, deps);
};

/** A payment of an invoice of which `change` (SQL) is done by an older release, or by hand in the database: its page was open. */
async function paidAfter(change: string) {
  const invoice = await issued();
  const session = await opened(invoice);
  await pay(session);
  await rows(db, change, [invoice.id]);
  return { invoice, session, payment: await intentOf(session) };
}

const cases = [
  {
    what: 'of money that came for a void invoice',
    change: `UPDATE invoices SET status = 'void', voided_at = now() WHERE id = ?`,
    end: 'unapplied',
    kind: 'double_payment',
  },
  {
    what: 'of money that does not fit',
    change: 'UPDATE invoice_lines SET unit_amount = unit_amount + 100 WHERE invoice = ?',
    end: 'mismatch',
    kind: 'payment_mismatch',
  },
];
const choices = ['keep_payment', 'refund_as_duplicate'];

test.each(cases.flatMap((each) => choices.map((choice) => ({ ...each, choice }))))(
  '$what: $choice',
  async ({ change, end, kind, choice }) => {
    const { invoice, session, payment } = await paidAfter(change);
    expect((await confirmCheckout(session, deps)).end).toBe(end);
    expect(await reviewsOf(payment)).toEqual([kind]);
    await decide(payment, choice);
    expect((await confirmCheckout(session, deps)).end).toBe(end);
    await settlePayment({ account: '', paymentIntent: payment }, deps);
    expect(await reviewsOf(payment)).toEqual([]);
    if ((await statusOf(invoice)) === 'issued') await voidInvoice(invoice.id, 'test', 'wrong', deps);
    expect(await statusOf(invoice)).toBe('void');
  },
);
