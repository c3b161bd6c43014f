import { expect, test } from 'vitest';
import { adjustPayment } from '../../src/billing/adjustments/adjust-payment.ts';
import { askPerson } from '../../src/billing/desk/review-items.ts';
import { confirmCheckout } from '../../src/billing/own-invoices/confirm-checkout.ts';
import { noteFailedAttempt } from '../../src/billing/own-invoices/failed-attempt.ts';
import { issueInvoice } from '../../src/billing/own-invoices/manage-invoice.ts';
import { tellOperators } from '../../src/billing/tell-operators.ts';
import { firstRow, rows } from '../../src/platform/db.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { createDraft } from '../support/created-drafts.ts';
import { tellSystem } from '../support/outbox.ts';
import { ownInvoices } from '../support/own-invoices.ts';
import { payDirectly } from '../support/purchases.ts';
import { invoiceBody } from '../support/recorded-invoices.ts';

/**
 * THE LIST of the keys under which messages are told once. A key that changes tells everybody again when a cause is looked
 * at again, by two releases side by side above all.
 */
const billing = await billingUnderTest();
const { deps, side } = billing;
const { db, stripe } = deps;
const { issued, opened, pay, intentOf } = ownInvoices(billing);
await tellSystem(db, 'https://shop.example/');
const endpoint = (await firstRow<{ id: number }>(db, 'SELECT id FROM outgoing_endpoints'))?.id;

/** Of the messages that this leads to. */
async function keysOf(cause: () => Promise<unknown>): Promise<string[]> {
  await rows(db, 'TRUNCATE messages CASCADE');
  await cause();
  const found = await rows<{ dedupe_key: string }>(db, 'SELECT dedupe_key FROM messages ORDER BY dedupe_key');
  return found.map(({ dedupe_key }) => dedupe_key);
}
const ask = (subject: string) =>
  askPerson(db, {
    kind: 'double_payment',
    subject,
    summary: 'Paid twice.',
    details: { invoice: 'inv_1', amount: 5, currency: 'eur' },
  });
const itemAbout = async (subject: string) =>
  (await firstRow<{ id: number }>(db, 'SELECT id FROM review_items WHERE subject = ?', [subject]))?.id;
const documents = async (payment: string) => {
  const row = await firstRow<{ invoice: string; note: string }>(
    db,
    `SELECT i.stripe_invoice AS invoice, n.stripe_credit_note AS note FROM payment_invoices i
     LEFT JOIN credit_notes n USING (payment_intent) WHERE i.payment_intent = ?`,
    [payment],
  );
  return row ?? { invoice: '', note: '' };
};

test('an invoice that is issued: its mail', async () => {
  const { id } = await createDraft(invoiceBody(), 'test', deps);
  expect(await keysOf(() => issueInvoice(id, { mail: true }, 'test', deps))).toEqual([`mail:invoice_issued:${id}`]);
});

test('an invoice that is paid: its receipt, and word to the systems', async () => {
  const invoice = await issued();
  const session = await opened(invoice);
  await pay(session);
  expect(await keysOf(() => confirmCheckout(session, deps))).toEqual([
    `mail:receipt:${invoice.id}`,
    `webhook:${endpoint}:invoice.paid:${invoice.id}`,
  ]);
  expect(await intentOf(session)).toMatch(/^pi_/);
});

test('a try that fails: a mail on its day, and word to the systems of each', async () => {
  const invoice = await issued();
  const intent = await stripe.paymentIntents.create({ amount: 500, currency: 'eur' });
  const fail = (key: string) =>
    db.transaction((trx) =>
      noteFailedAttempt(trx, invoice, intent, null, { key, words: 'The card has expired.', at: new Date() }, deps),
    );
  const today = new Date().toISOString().slice(0, 10);
  expect(await keysOf(async () => [await fail('ch_1'), await fail('ch_2')])).toEqual([
    `mail:payment_failed:${invoice.id}:${today}`,
    `webhook:${endpoint}:payment.failed:ch_1`,
    `webhook:${endpoint}:payment.failed:ch_2`,
  ]);
});

test('documents: word to the systems of each', async () => {
  const payment = await payDirectly(side);
  const keys = await keysOf(async () => {
    await stripe.refunds.create({ payment_intent: payment, amount: 1_000 });
    await adjustPayment({ account: '', paymentIntent: payment }, deps);
  });
  const { invoice, note } = await documents(payment);
  expect(keys).toEqual([
    `webhook:${endpoint}:document.created:${note}`,
    `webhook:${endpoint}:document.created:${invoice}`,
  ]);
});

test('a question: word to the systems, and one notice, or one of several', async () => {
  const first = await keysOf(async () => [await ask('pi_1'), await tellOperators(db)]);
  const item = await itemAbout('pi_1');
  expect(first).toEqual([`mail:review_notice:${item}`, `webhook:${endpoint}:review.raised:${item}`]);
  await rows(db, `UPDATE review_items SET told_at = told_at - interval '1 hour'`);
  const later = await keysOf(async () => [await ask('pi_2'), await ask('pi_3'), await tellOperators(db)]);
  const [second, third] = [await itemAbout('pi_2'), await itemAbout('pi_3')];
  expect(later).toEqual([
    `mail:review_digest:${second}`,
    `webhook:${endpoint}:review.raised:${second}`,
    `webhook:${endpoint}:review.raised:${third}`,
  ]);
});
