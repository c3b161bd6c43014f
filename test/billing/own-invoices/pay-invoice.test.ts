import { describe, expect, test } from 'vitest';
import { attemptOfSession } from '../../../src/billing/own-invoices/checkout-attempts.ts';
import { confirmCheckout } from '../../../src/billing/own-invoices/confirm-checkout.ts';
import { findInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { renewLink } from '../../../src/billing/own-invoices/manage-invoice.ts';
import { openCheckout } from '../../../src/billing/own-invoices/open-checkout.ts';
import { paymentLogOf } from '../../../src/billing/own-invoices/payment-log.ts';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { firstRow, rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { FIXED, ownInvoices, WITH_EXTRA } from '../../support/own-invoices.ts';

const billing = await billingUnderTest();
const { deps, side } = billing;
const { db, stripe } = deps;
const { issued, opened, pay, intentOf, logOf, statusOf } = ownInvoices(billing);

describe('paying an own invoice', () => {
  test('the return page and the webhook, at the same time and again and again, make it paid once', async () => {
    const invoice = await issued();
    const session = await opened(invoice);
    await pay(session);
    const intent = await intentOf(session);
    const ends = await Promise.all([
      confirmCheckout(session, deps),
      confirmCheckout(session, deps),
      settlePayment({ account: '', paymentIntent: intent }, deps),
      confirmCheckout(session, deps),
    ]);
    expect(ends.map((end) => ('end' in end ? end.end : end.outcome))).toEqual(['paid', 'paid', 'processed', 'paid']);
    const paid = await findInvoice(db, invoice.id);
    expect(paid).toMatchObject({ status: 'paid', paid_amount: FIXED, payment_intent: intent, paid_extras: [] });
    expect(await logOf(invoice)).toEqual(['session_opened', 'paid']);
    const mails = await rows(db, `SELECT id FROM messages WHERE dedupe_key = ?`, [`mail:receipt:${invoice.id}`]);
    expect(mails).toHaveLength(1);
  });

  test('2,500,000.00 rupiah are paid, and documented, like any other amount', async () => {
    const invoice = await issued({ currency: 'idr', lines: [{ description: 'Retreat', unit_amount: 250_000_000 }] });
    const session = await opened(invoice);
    await pay(session);
    const paymentIntent = await intentOf(session);
    const end = await settlePayment({ account: '', paymentIntent }, deps);
    expect(end.outcome).toBe('processed');
    expect(await findInvoice(db, invoice.id)).toMatchObject({ status: 'paid', paid_amount: 250_000_000 });
  });

  test('to an address with an internationalised domain, Stripe gets the address as the DNS has it', async () => {
    const invoice = await issued({ customer_email: ' garten@bücher.example ' });
    expect(invoice.customer_email).toBe('garten@bücher.example');
    const session = await opened(invoice);
    const { customer_email } = await stripe.checkout.sessions.retrieve(session);
    expect(customer_email).toBe('garten@xn--bcher-kva.example');
    await pay(session);
    const paymentIntent = await intentOf(session);
    const end = await settlePayment({ account: '', paymentIntent }, deps);
    expect(end.outcome).toBe('processed');
  });

  test('its Stripe invoice carries the own number, the own lines and their tax', async () => {
    const invoice = await issued();
    const extra = invoice.lines[1]?.id ?? 0;
    const session = await opened(invoice, [extra]);
    await pay(session);
    await settlePayment({ account: '', paymentIntent: await intentOf(session) }, deps);
    const row = await firstRow<{ stripe_invoice: string }>(
      db,
      'SELECT stripe_invoice FROM payment_invoices WHERE payment_intent = ?',
      [await intentOf(session)],
    );
    const document = await stripe.invoices.retrieve(row?.stripe_invoice ?? '');
    expect(document).toMatchObject({
      status: 'paid',
      total: WITH_EXTRA,
      custom_fields: [{ name: 'Invoice', value: invoice.number }],
    });
    expect(document.lines.data.map(({ description, amount }) => [description, amount])).toEqual([
      ['2 × Workshop', 24_000],
      ['Recording', 3_000],
    ]);
    expect(document.total_taxes?.reduce((sum, { amount }) => sum + amount, 0)).toBe(5_400);
    expect((await findInvoice(db, invoice.id))?.paid_extras).toEqual([extra]);
  });

  test('one session is live at a time: the same choice uses it again, another choice replaces it', async () => {
    const invoice = await issued();
    const extra = invoice.lines[1]?.id ?? 0;
    const first = await opened(invoice);
    expect(await opened(invoice)).toBe(first);
    expect(await opened(invoice, [999_999, -1])).toBe(first);
    const second = await opened(invoice, [extra]);
    expect(second).not.toBe(first);
    expect((await stripe.checkout.sessions.retrieve(first)).status).toBe('expired');
    expect((await stripe.checkout.sessions.retrieve(second)).amount_total).toBe(WITH_EXTRA);
    expect((await attemptOfSession(db, first))?.state).toBe('expired');
  });

  test('ten clicks at once open one session', async () => {
    const invoice = await issued();
    const ends = await Promise.allSettled(Array.from({ length: 10 }, () => openCheckout(invoice.id, [], deps)));
    const urls = ends.map((end) =>
      end.status === 'fulfilled' && end.value.end === 'redirect' ? end.value.url : String(end),
    );
    expect(new Set(urls).size).toBe(1);
    const { data } = await stripe.checkout.sessions.list({ limit: 100 });
    expect(data.filter(({ client_reference_id }) => client_reference_id === invoice.id)).toHaveLength(1);
  });

  test('several tabs that pay at once with different choices, the link being renewed meanwhile, leave one open session', async () => {
    const invoice = await issued();
    const extra = invoice.lines[1]?.id ?? 0;
    await side.fault({ kind: 'latency', path: '/v1/checkout/sessions*', ms: 40 });
    const tabs = [[], [extra], [], [extra], [], [extra]];
    await Promise.allSettled([
      ...tabs.map((ticked) => openCheckout(invoice.id, ticked, deps)),
      renewLink(invoice.id, 'test', 'it went to the wrong person', deps),
    ]);
    await side.endFaults();
    const session = await opened(invoice, [extra]);
    const { data } = await stripe.checkout.sessions.list({ limit: 100, status: 'open' });
    expect(data.filter(({ client_reference_id: of }) => of === invoice.id).map(({ id }) => id)).toEqual([session]);
    await pay(session);
    expect((await confirmCheckout(session, deps)).end).toBe('paid');
  });

  test('a bank debit in an older payment page does not stand in the way of the newer one', async () => {
    const invoice = await issued();
    const older = await opened(invoice);
    await rows(db, `UPDATE checkout_attempts SET state = 'expired' WHERE stripe_session = ?`, [older]);
    const newer = await opened(invoice);
    await pay(older, 'debit');
    expect((await confirmCheckout(older, deps)).end).toBe('processing');
    expect((await attemptOfSession(db, older))?.state).toBe('expired');
    await pay(newer);
    expect((await confirmCheckout(newer, deps)).end).toBe('paid');
    await side.control('POST', '/_sim/payments/settle', { payment_intent: await intentOf(older), outcome: 'paid' });
    expect((await confirmCheckout(older, deps)).end).toBe('unapplied');
  });

  test('a session whose creation was answered into the void is found again and can be paid', async () => {
    const invoice = await issued();
    await side.fault({ kind: 'drop', path: '/v1/checkout/sessions', method: 'POST', count: 3 });
    await expect(openCheckout(invoice.id, [], deps)).rejects.toThrow();
    await side.endFaults();
    const session = await opened(invoice);
    await pay(session);
    expect((await confirmCheckout(session, deps)).end).toBe('paid');
    const { data } = await stripe.checkout.sessions.list({ limit: 100 });
    expect(data.filter(({ client_reference_id }) => client_reference_id === invoice.id)).toHaveLength(1);
  });

  test('paid in a session that was never recorded, because the process died: the webhook finds its attempt', async () => {
    const invoice = await issued();
    const session = await opened(invoice);
    await rows(db, `UPDATE checkout_attempts SET stripe_session = NULL, state = 'creating' WHERE invoice = ?`, [
      invoice.id,
    ]);
    await pay(session);
    const end = await settlePayment({ account: '', paymentIntent: await intentOf(session) }, deps);
    expect(end.outcome).toBe('processed');
    expect(await statusOf(invoice)).toBe('paid');
  });

  test('declined, then paid: the log tells both in plain words, and one mail is sent', async () => {
    const invoice = await issued();
    const session = await opened(invoice);
    for (const choice of ['declined', 'insufficient', 'insufficient']) {
      await pay(session, choice).catch(() => undefined);
      await settlePayment({ account: '', paymentIntent: await intentOf(session) }, deps);
    }
    expect(await statusOf(invoice)).toBe('issued');
    await pay(session);
    expect((await confirmCheckout(session, deps)).end).toBe('paid');
    const log = await paymentLogOf(db, invoice.id);
    expect(log.map(({ text }) => text)).toEqual([
      'The payment page was opened for EUR 288.00.',
      'The bank declined the payment.',
      'The card has insufficient funds.',
      'The card has insufficient funds.',
      'Paid EUR 288.00 by card.',
    ]);
    const mails = await rows(db, `SELECT id FROM messages WHERE kind = 'payment_failed' AND data ->> 'invoice' = ?`, [
      invoice.id,
    ]);
    expect(mails).toHaveLength(1);
  });

  test('declines that nobody looked at in time are told all the same, without a mail to somebody who has paid', async () => {
    const invoice = await issued();
    const session = await opened(invoice);
    for (const choice of ['declined', 'expired']) await pay(session, choice).catch(() => undefined);
    await pay(session);
    await settlePayment({ account: '', paymentIntent: await intentOf(session) }, deps);
    const log = await paymentLogOf(db, invoice.id);
    expect(log.map(({ text }) => text).sort()).toEqual([
      'Paid EUR 288.00 by card.',
      'The bank declined the payment.',
      'The card has expired.',
      'The payment page was opened for EUR 288.00.',
    ]);
    const mails = await rows(db, `SELECT id FROM messages WHERE kind = 'payment_failed' AND data ->> 'invoice' = ?`, [
      invoice.id,
    ]);
    expect(mails).toEqual([]);
  });

  test('a bank debit is processing until the bank answers; one that comes back can be paid again', async () => {
    const invoice = await issued();
    const session = await opened(invoice);
    await pay(session, 'debit');
    expect((await confirmCheckout(session, deps)).end).toBe('processing');
    expect(await openCheckout(invoice.id, [], deps)).toEqual({ end: 'processing' });
    await side.control('POST', '/_sim/payments/settle', { payment_intent: await intentOf(session), outcome: 'failed' });
    await settlePayment({ account: '', paymentIntent: await intentOf(session) }, deps);
    expect(await statusOf(invoice)).toBe('issued');
    const again = await opened(invoice);
    expect(again).not.toBe(session);
    await pay(again);
    expect((await confirmCheckout(again, deps)).end).toBe('paid');
  });
});
