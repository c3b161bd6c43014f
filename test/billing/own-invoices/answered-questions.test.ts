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
const { issued, opened, pay, intentOf, reviewsOf } = ownInvoices(billing);

const decide = async (subject: string, choice: string) => {
  const item = (await openReviewItems(db)).find((each) => each.subject === subject);
  await decideReview(item?.id ?? 0, { choice, actor: 'admin:test', reason: 'agreed' }, deps);
};

test.each(['keep_payment', 'refund_as_duplicate'])('of money that came for a void invoice: %s', async (choice) => {
  const invoice = await issued();
  const session = await opened(invoice);
  await pay(session);
  // Voided by an older release, or by hand in the database: its page was open still.
  await rows(db, `UPDATE invoices SET status = 'void', voided_at = now() WHERE id = ?`, [invoice.id]);
  const payment = await intentOf(session);
  expect((await confirmCheckout(session, deps)).end).toBe('unapplied');
  expect(await reviewsOf(payment)).toEqual(['double_payment']);
  await decide(payment, choice);
  expect((await confirmCheckout(session, deps)).end).toBe('unapplied');
  await settlePayment({ account: '', paymentIntent: payment }, deps);
  expect(await reviewsOf(payment)).toEqual([]);
});

test.each(['keep_payment', 'refund_as_duplicate'])('of money that does not fit: %s', async (choice) => {
  const invoice = await issued();
  const session = await opened(invoice);
  await pay(session);
  await rows(db, 'UPDATE invoice_lines SET unit_amount = unit_amount + 100 WHERE invoice = ?', [invoice.id]);
  const payment = await intentOf(session);
  expect((await confirmCheckout(session, deps)).end).toBe('mismatch');
  expect(await reviewsOf(payment)).toEqual(['payment_mismatch']);
  await decide(payment, choice);
  expect((await confirmCheckout(session, deps)).end).toBe('mismatch');
  await settlePayment({ account: '', paymentIntent: payment }, deps);
  expect(await reviewsOf(payment)).toEqual([]);
  await voidInvoice(invoice.id, 'test', 'wrong', deps);
});
