import { describe, expect, test } from 'vitest';
import { confirmCheckout } from '../../../src/billing/own-invoices/confirm-checkout.ts';
import { findInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { voidInvoice } from '../../../src/billing/own-invoices/manage-invoice.ts';
import { paymentLogOf } from '../../../src/billing/own-invoices/payment-log.ts';
import { decideReview } from '../../../src/billing/questions.ts';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { firstRow } from '../../../src/platform/db.ts';
import { BusyError } from '../../../src/platform/errors.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { bookedLater, GAP, MINUTE, ref } from '../../support/booked-later.ts';
import { ownInvoices } from '../../support/own-invoices.ts';

const billing = await billingUnderTest();
const { deps } = billing;
const { db } = deps;
const { issued, opened, pay, intentOf, statusOf, logOf } = ownInvoices(billing);
const { advance, asked, bankAnswers, busy, factsOf, invoiceOf } = bookedLater(billing);

describe('an own invoice', () => {
  async function debitOfOwn() {
    const invoice = await issued();
    const session = await opened(invoice);
    await pay(session, 'debit');
    await advance(GAP);
    const payment = await intentOf(session);
    await bankAnswers(payment);
    return { invoice, session, payment };
  }

  test('is on its way until the money is booked, and paid on that day', async () => {
    const { invoice, session, payment } = await debitOfOwn();
    expect((await confirmCheckout(session, deps)).end).toBe('processing');
    await busy(payment);
    expect(await statusOf(invoice)).toBe('issued');
    await expect(voidInvoice(invoice.id, 'test', 'wrong', deps)).rejects.toThrow('on its way');
    await advance(2 * MINUTE);
    expect((await confirmCheckout(session, deps)).end).toBe('paid');
    expect((await settlePayment(ref(payment), deps)).outcome).toBe('processed');
    const { booked } = await factsOf(payment);
    expect((await findInvoice(db, invoice.id))?.paid_at?.getTime()).toBe((booked ?? 0) * 1_000);
    expect((await invoiceOf(payment))?.effective_at).toBe(booked);
    expect(await logOf(invoice)).toEqual(['session_opened', 'processing', 'paid']);
    expect((await paymentLogOf(db, invoice.id)).at(-1)?.text).toBe('Paid EUR 288.00 by SEPA direct debit.');
    const receipt = await firstRow(db, 'SELECT data FROM messages WHERE dedupe_key = ?', [
      `mail:receipt:${invoice.id}`,
    ]);
    expect(receipt).toEqual({ data: { invoice: invoice.id, method: 'by SEPA direct debit' } });
  });

  test('waits too where its payment gets no Stripe invoice', async () => {
    const { invoice, payment } = await debitOfOwn();
    const { policy } = deps;
    const without = { ...deps, policy: { ...policy, invoicing: { ...policy.invoicing, own_payments: false } } };
    await expect(settlePayment(ref(payment), without)).rejects.toBeInstanceOf(BusyError);
    await advance(2 * MINUTE);
    expect((await settlePayment(ref(payment), without)).outcome).toBe('ignored');
    expect(await statusOf(invoice)).toBe('paid');
  });

  test('is paid on the day that a person decides on, when Stripe tells none', async () => {
    const { invoice, payment } = await debitOfOwn();
    const question = await asked(payment);
    await decideReview(question, { choice: 'date_as_given', actor: 'admin:test', reason: 'known' }, deps);
    const { given } = await factsOf(payment);
    expect((await findInvoice(db, invoice.id))?.paid_at?.getTime()).toBe(given * 1_000);
    await advance(2 * MINUTE);
  });
});
