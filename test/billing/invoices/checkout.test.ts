import { describe, expect, test } from 'vitest';
import { attemptOfSession } from '../../../src/billing/invoices/checkout-attempts.ts';
import { confirmCheckout } from '../../../src/billing/invoices/confirm-checkout.ts';
import { findInvoice, type OwnInvoice } from '../../../src/billing/invoices/invoices.ts';
import { createInvoice, issueInvoice, voidInvoice } from '../../../src/billing/invoices/manage-invoice.ts';
import { openCheckout } from '../../../src/billing/invoices/open-checkout.ts';
import { paymentLogOf } from '../../../src/billing/invoices/payment-log.ts';
import { settlePayment } from '../../../src/billing/invoicing/settle-payment.ts';
import { decideReview } from '../../../src/billing/review/decide-review.ts';
import { openReviewItems } from '../../../src/billing/review/review-items.ts';
import { firstRow, rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';

const { deps, side } = await billingUnderTest();
const { db, stripe } = deps;

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
const FIXED = 28_800;
const WITH_EXTRA = 32_400;

async function issued(change: object = {}): Promise<OwnInvoice> {
  const draft = await createInvoice({ ...input, ...change }, 'test', deps);
  return issueInvoice(draft.id, { mail: false }, deps);
}

async function opened(invoice: OwnInvoice, ticked: number[] = []): Promise<string> {
  const end = await openCheckout(invoice.id, ticked, deps);
  if (end.end !== 'redirect') throw new Error(`not opened: ${end.end}`);
  const row = await firstRow<{ stripe_session: string }>(
    db,
    `SELECT stripe_session FROM checkout_attempts WHERE invoice = ? AND state = 'open'`,
    [invoice.id],
  );
  return row?.stripe_session ?? '';
}

async function pay(session: string, choice = 'card'): Promise<void> {
  await side.control('POST', '/_sim/checkout/pay', {
    session,
    choice,
    email: 'garden@example.com',
    name: 'Green Garden',
  });
}

async function intentOf(session: string): Promise<string> {
  const { payment_intent } = await stripe.checkout.sessions.retrieve(session);
  return typeof payment_intent === 'string' ? payment_intent : (payment_intent?.id ?? '');
}

async function logOf(invoice: OwnInvoice): Promise<string[]> {
  return (await paymentLogOf(db, invoice.id)).map(({ kind }) => kind);
}

async function statusOf(invoice: OwnInvoice): Promise<string | undefined> {
  return (await findInvoice(db, invoice.id))?.status;
}

async function reviewsOf(subject: string): Promise<string[]> {
  return (await openReviewItems(db)).filter((item) => item.subject === subject).map(({ kind }) => kind);
}

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
      reason: expect.stringContaining('amount should be 29040, found 28800'),
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
      reason: expect.stringContaining('currency'),
    });
    expect(await statusOf(invoice)).toBe('issued');
  });

  test('the session of a cheap invoice is put under a dear one', async () => {
    const cheap = await issued({ lines: [{ description: 'Cheap', unit_amount: 100 }] });
    const dear = await issued();
    const session = await opened(cheap);
    await rows(db, 'UPDATE checkout_attempts SET invoice = ?, attempt = 7 WHERE stripe_session = ?', [
      dear.id,
      session,
    ]);
    await pay(session);
    expect(await confirmCheckout(session, deps)).toMatchObject({
      end: 'mismatch',
      reason: expect.stringContaining('invoice'),
    });
    expect([await statusOf(cheap), await statusOf(dear)]).toEqual(['issued', 'issued']);
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
});
