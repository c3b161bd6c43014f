import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { releaseAfterFile } from '../support/clean-up.ts';
import { until } from '../support/eventually.ts';
import { untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { buy, item, openCheckout, payDirectly } from '../support/purchases.ts';
import { eventRecords, openReviews } from '../support/records.ts';
import { startStory } from '../support/story.ts';

/** What gets no invoice, or not yet, and the reason that is kept. The rules are those of a small shop. */
const folder = mkdtempSync(join(tmpdir(), 'quittance-rules-'));
releaseAfterFile(async () => rmSync(folder, { recursive: true }));
const rules = join(folder, 'eligibility.json');
writeFileSync(
  rules,
  JSON.stringify({
    rules: [
      { name: 'marked by the shop', action: 'skip', when: { metadata: { invoice: 'no' } } },
      { name: 'gift cards', action: 'skip', when: { product: '/^prod_GiftCard/' } },
      { name: 'donations', action: 'skip', when: { description: '/\\bdonation\\b/i' } },
      { name: 'from 5,000 euros on', action: 'review', when: { currency: 'eur', amount: { from: 500_000 } } },
      { name: 'a course', action: 'invoice', when: { metadata: { product_type: ['course', 'bundle'] } } },
    ],
    otherwise: 'invoice',
  }),
);
const { side, records } = await startStory({ env: { ELIGIBILITY_RULES: rules } });
const { stripe } = side;

type PaymentRecord = { verdict: string | null; reason: string; rule: string | null; foreign_invoice: string | null };

async function verdictOn(payment: string): Promise<PaymentRecord> {
  return records.row('select verdict, reason, rule, foreign_invoice from payments where payment_intent = $1', [
    payment,
  ]);
}

/** Waits for an event of the payment with this type and this outcome. */
async function untilHint(payment: string, type: string, outcome: string): Promise<void> {
  await until(
    async () =>
      (await eventRecords(records)).some(
        (event) => event.payment_intent === payment && event.type === type && event.outcome === outcome,
      ),
    { what: `${type} of ${payment} is ${outcome}` },
  );
}

async function ownInvoices(): Promise<number> {
  const invoices = await stripe.invoices.list({ limit: 100 }).autoPagingToArray({ limit: 1_000 });
  return invoices.filter(({ metadata }) => metadata?.made_by === 'quittance').length;
}

test('a bank debit is invoiced when it is paid, not when it was ordered', async () => {
  const payment = await buy(side, {}, { choice: 'debit' });
  await untilHint(payment, 'checkout.session.completed', 'ignored');
  expect(await verdictOn(payment)).toMatchObject({ verdict: null, reason: 'the payment is processing' });
  expect(await ownInvoices()).toBe(0);
  await side.control('POST', '/_sim/payments/settle', { payment_intent: payment, outcome: 'paid' });
  await untilSettled(records, [payment]);
  expect(await ownInvoices()).toBe(1);
  await untilHint(payment, 'checkout.session.async_payment_succeeded', 'processed');
});

test('a bank debit that fails is never invoiced', async () => {
  const payment = await buy(side, {}, { choice: 'debit_fails' });
  await untilHint(payment, 'checkout.session.completed', 'ignored');
  await side.control('POST', '/_sim/payments/settle', { payment_intent: payment });
  await untilHint(payment, 'checkout.session.async_payment_failed', 'ignored');
  await untilHint(payment, 'payment_intent.payment_failed', 'ignored');
  expect(await verdictOn(payment)).toMatchObject({ verdict: null, reason: 'the payment is requires_payment_method' });
  expect(await ownInvoices()).toBe(1);
});

test('a checkout for which Stripe makes the invoice itself keeps that one', async () => {
  const payment = await buy(side, { invoice_creation: { enabled: true } }, { email: 'a@example.com' });
  await untilSettled(records, [payment]);
  expect(await verdictOn(payment)).toMatchObject({
    verdict: 'skip',
    reason: expect.stringMatching(/invoice_creation|its own invoice/),
  });
  await until(async () => (await stripe.checkout.sessions.list({ payment_intent: payment })).data[0]?.invoice);
  expect(await ownInvoices()).toBe(1);
});

test('the renewal of a subscription has its invoice, although its payment looks like any other', async () => {
  const answer = await side.control('POST', '/_sim/renewals', { amount: 2_900, currency: 'eur' });
  const renewal = z.object({ invoice: z.string(), payment_intent: z.string() }).parse(answer);
  await untilSettled(records, [renewal.payment_intent]);
  expect(await verdictOn(renewal.payment_intent)).toMatchObject({ verdict: 'skip', foreign_invoice: renewal.invoice });
  expect(await ownInvoices()).toBe(1);
});

test('a checkout that cost nothing has no payment', async () => {
  const coupon = await stripe.coupons.create({ percent_off: 100, duration: 'once' });
  const session = await openCheckout(side, { discounts: [{ coupon: coupon.id }] });
  await side.control('POST', '/_sim/checkout/pay', { session: session.id });
  await until(async () =>
    (await eventRecords(records)).some(({ reason }) => reason === 'nothing was to be paid in this checkout session'),
  );
});

const ruled: [by: string, rule: string, verdict: string, pay: () => Promise<string>][] = [
  ['metadata of the payment', 'marked by the shop', 'skip', () => payDirectly(side, { metadata: { invoice: 'no' } })],
  ['metadata of the checkout', 'marked by the shop', 'skip', () => buy(side, { metadata: { invoice: 'no' } })],
  ['the product', 'gift cards', 'skip', buyGiftCard],
  ['a line', 'donations', 'skip', () => buy(side, { line_items: [item('A Donation, thank you', 1_000)] })],
  ['the description', 'donations', 'skip', () => payDirectly(side, { description: 'a donation of May' })],
  ['metadata of the checkout', 'a course', 'invoice', () => buy(side, { metadata: { product_type: 'bundle' } })],
  ['an amount', 'from 5,000 euros on', 'review', () => payDirectly(side, { amount: 500_000 })],
];

async function buyGiftCard(): Promise<string> {
  const product = await stripe.products.create({ id: 'prod_GiftCard25', name: 'Gift card' });
  return buy(side, {
    line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 2_500, product: product.id } }],
  });
}

test('rules decide by metadata, product, description and amount, and the rule is on record', async () => {
  const before = await ownInvoices();
  const payments = await Promise.all(ruled.map(([, , , pay]) => pay()));
  await until(async () => (await openReviews(records)).length > 0);
  await untilEventsDone(records);
  for (const [position, [by, rule, verdict]] of ruled.entries()) {
    expect(await verdictOn(payments[position] ?? ''), by).toMatchObject({
      verdict,
      rule,
      reason: expect.stringContaining(rule),
    });
  }
  expect(await ownInvoices()).toBe(before + 1);
  const asked = await openReviews(records);
  expect(asked, 'all events of the payment ask one question').toMatchObject([
    { kind: 'eligibility_unclear', subject: payments.at(-1) },
  ]);
});
