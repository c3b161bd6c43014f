import { describe, expect, test } from 'vitest';
import { openReviewItems } from '../../../src/billing/desk/review-items.ts';
import { confirmCheckout } from '../../../src/billing/own-invoices/confirm-checkout.ts';
import { findInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { voidInvoice } from '../../../src/billing/own-invoices/manage-invoice.ts';
import { openCheckout } from '../../../src/billing/own-invoices/open-checkout.ts';
import { decideReview } from '../../../src/billing/questions.ts';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { until } from '../../support/eventually.ts';
import { FIXED, ownInvoices } from '../../support/own-invoices.ts';

const billing = await billingUnderTest();
const { deps } = billing;
const { db, stripe } = deps;
const { issued, opened, pay, intentOf, logOf, statusOf, reviewsOf } = ownInvoices(billing);

describe('every way to get an invoice paid without paying its exact amount fails and is logged', () => {
  test('opening the payment page, or coming back from it without paying, pays nothing', async () => {
    const invoice = await issued();
    const session = await opened(invoice);
    expect((await confirmCheckout(session, deps)).end).toBe('open');
    expect(await statusOf(invoice)).toBe('issued');
  });

  test('a session id that is not ours, or not there, tells and changes nothing', async () => {
    const foreign = await stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 100, product_data: { name: 'Else' } } }],
      success_url: 'https://example.com',
    });
    await pay(foreign.id);
    expect(await confirmCheckout(foreign.id, deps)).toEqual({ end: 'unknown' });
    expect(await confirmCheckout('cs_test_nothing', deps)).toEqual({ end: 'unknown' });
  });

  test('the lines change between session and payment: the amount does not fit, and a person is asked', async () => {
    const invoice = await issued();
    const session = await opened(invoice);
    await rows(db, 'UPDATE invoice_lines SET unit_amount = unit_amount + 100 WHERE invoice = ? AND NOT optional', [
      invoice.id,
    ]);
    await pay(session);
    const end = await confirmCheckout(session, deps);
    expect(end).toMatchObject({
      end: 'mismatch',
      reason: expect.stringContaining('amount should be EUR 290.40, found EUR 288.00'),
    });
    const intent = await intentOf(session);
    expect((await settlePayment({ account: '', paymentIntent: intent }, deps)).outcome).toBe('review');
    expect(await statusOf(invoice)).toBe('issued');
    expect(await logOf(invoice)).toEqual(['session_opened', 'mismatch']);
    expect(await reviewsOf(intent)).toEqual(['payment_mismatch']);
    expect(await openCheckout(invoice.id, [], deps)).toEqual({ end: 'checking' });
    const documents = await rows(db, 'SELECT id FROM payment_invoices WHERE payment_intent = ?', [intent]);
    expect(documents).toEqual([]);
  });

  test('the currency of the invoice is another one than was paid', async () => {
    const invoice = await issued();
    const session = await opened(invoice);
    await rows(db, `UPDATE invoices SET currency = 'usd' WHERE id = ?`, [invoice.id]);
    await pay(session);
    expect(await confirmCheckout(session, deps)).toMatchObject({
      end: 'mismatch',
      reason: expect.stringContaining('currency should be usd, found eur'),
    });
    expect(await statusOf(invoice)).toBe('issued');
  });

  test.each([
    // Nothing but the invoice tells these two payments apart.
    ['the same', {}],
    ['little', { lines: [{ description: 'Cheap', unit_amount: 100 }] }],
  ])('the session of an invoice that costs %s is put under another one', async (_amount, change) => {
    const [paid, owed] = [await issued(change), await issued()];
    const session = await opened(paid);
    await rows(db, 'UPDATE checkout_attempts SET invoice = ?, attempt = 7 WHERE stripe_session = ?', [
      owed.id,
      session,
    ]);
    await pay(session);
    const reason = `The payment of invoice ${owed.number} does not fit: invoice should be ${owed.id}, found ${paid.id}.`;
    expect(await confirmCheckout(session, deps)).toMatchObject({ end: 'mismatch', reason });
    expect([await statusOf(paid), await statusOf(owed)]).toEqual(['issued', 'issued']);
  });

  test('a payment that names the invoice but was made elsewhere', async () => {
    const invoice = await issued();
    const intent = await stripe.paymentIntents.create({
      amount: FIXED,
      currency: 'eur',
      payment_method: 'pm_card_visa',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      metadata: { quittance_invoice: invoice.id, quittance_attempt: '1' },
    });
    expect((await settlePayment({ account: '', paymentIntent: intent.id }, deps)).outcome).toBe('review');
    expect(await statusOf(invoice)).toBe('issued');
    expect(await reviewsOf(intent.id)).toEqual(['payment_mismatch']);
  });

  test('a payment that settled one invoice can not settle another', async () => {
    const one = await issued();
    const other = await issued();
    const session = await opened(one);
    await pay(session);
    expect((await confirmCheckout(session, deps)).end).toBe('paid');
    const intent = await intentOf(session);
    await expect(
      rows(
        db,
        `UPDATE invoices SET status = 'paid', paid_at = now(), paid_amount = 1, payment_intent = ? WHERE id = ?`,
        [intent, other.id],
      ),
    ).rejects.toThrow(/invoices_payment_once/);
  });

  test('a second payment of a paid invoice stays unapplied; refunding it as a duplicate works once', async () => {
    const invoice = await issued();
    const session = await opened(invoice);
    const intents: string[] = [];
    await rows(db, `UPDATE checkout_attempts SET state = 'expired' WHERE stripe_session = ?`, [session]);
    const second = await opened(invoice);
    for (const each of [second, session]) {
      await pay(each);
      intents.push(await intentOf(each));
    }
    expect((await confirmCheckout(second, deps)).end).toBe('paid');
    const [, duplicate = ''] = intents;
    expect((await settlePayment({ account: '', paymentIntent: duplicate }, deps)).outcome).toBe('review');
    expect(await logOf(invoice)).toEqual(['session_opened', 'session_opened', 'paid', 'unapplied']);
    expect(await rows(db, 'SELECT id FROM payment_invoices WHERE payment_intent = ?', [duplicate])).toEqual([]);

    const [item] = (await openReviewItems(db)).filter(({ subject }) => subject === duplicate);
    const decision = { choice: 'refund_as_duplicate', actor: 'test', reason: 'paid twice' };
    const results = await Promise.allSettled([
      decideReview(item?.id ?? 0, decision, deps),
      decideReview(item?.id ?? 0, decision, deps),
    ]);
    expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
    const refunds = await stripe.refunds.list({ payment_intent: duplicate });
    expect(refunds.data.map(({ amount, status }) => [amount, status])).toEqual([[FIXED, 'succeeded']]);
    expect(await reviewsOf(duplicate)).toEqual([]);
  });

  test('a void invoice can not be paid: its session is closed first, and one that was paid meanwhile wins', async () => {
    const closed = await issued();
    const session = await opened(closed);
    await voidInvoice(closed.id, 'test', 'ordered twice', deps);
    expect((await stripe.checkout.sessions.retrieve(session)).status).toBe('expired');
    expect(await openCheckout(closed.id, [], deps)).toEqual({ end: 'void' });

    const paid = await issued();
    await pay(await opened(paid));
    await expect(voidInvoice(paid.id, 'test', 'too late', deps)).rejects.toThrow(/is paid/);
    expect(await statusOf(paid)).toBe('paid');
  });

  test('void sees a payment page that is opened after it has looked for one to close', async () => {
    const invoice = await issued();
    const queued = async (statements: number) =>
      until(async () => {
        const waiting = await rows(
          db,
          `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return waiting.length === statements;
      });
    const [opening, voiding] = await db
      .transaction(async (trx) => {
        await findInvoice(trx, invoice.id, { lock: true });
        // Both find no page yet; the customer is the first to get the invoice, void comes right behind.
        const customer = openCheckout(invoice.id, [], deps);
        await queued(1);
        const operator = voidInvoice(invoice.id, 'test', 'ordered twice', deps).catch((error: unknown) => error);
        await queued(2);
        return [customer, operator];
      })
      .then((started) => Promise.all(started));
    expect(opening).toMatchObject({ end: 'redirect' });
    expect(voiding).toMatchObject({ message: expect.stringContaining('has just opened the payment page') });
    expect(await statusOf(invoice)).toBe('issued');
    expect((await voidInvoice(invoice.id, 'test', 'ordered twice', deps)).status).toBe('void');
  });
});
