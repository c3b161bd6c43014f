import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { adjustPayment } from '../../../src/billing/adjustments/adjust-payment.ts';
import { findClaim } from '../../../src/billing/stripe-invoices/payment-invoices.ts';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { ownInvoices } from '../../support/own-invoices.ts';

/** What Stripe's documents of a paid own invoice say of reductions and of taxes of 0 %, up to the last credit note. */
const billing = await billingUnderTest();
const { deps } = billing;
const { db, stripe } = deps;
const { issued, opened, pay, intentOf } = ownInvoices(billing);

const lines = [
  { description: 'Course', unit_amount: 10_000, tax_percent: '19' },
  { description: 'Easel', unit_amount: 3_333, tax_percent: '19' },
  { description: 'Loyalty', unit_amount: -1_000, tax_percent: '19' },
  { description: 'Export', unit_amount: 2_000, tax_percent: 0 },
  { description: 'Stamp', unit_amount: 90 },
];
/** 123.33 net and 23.43 tax at 19 % (19.00 + 6.33 − 1.90), 20.00 at 0 %, and 0.90. */
const TAX = 2_343;
const TOTAL = 12_333 + TAX + 2_000 + 90;

async function paidInvoice() {
  const session = await opened(await issued({ lines }));
  await pay(session);
  const payment = await intentOf(session);
  await settlePayment({ account: '', paymentIntent: payment }, deps);
  const claim = await findClaim(db, { account: '', paymentIntent: payment });
  return { payment, document: await stripe.invoices.retrieve(claim?.stripe_invoice ?? '') };
}

const taxesOf = (
  taxes: readonly { amount: number; taxable_amount: number | null; taxability_reason: string }[] | null,
) => (taxes ?? []).map(({ amount, taxable_amount, taxability_reason }) => [amount, taxable_amount, taxability_reason]);

test('bases and taxes are those of the own invoice, a rate of 0 % among them', async () => {
  const { document } = await paidInvoice();
  expect(document).toMatchObject({ status: 'paid', total: TOTAL });
  expect(document.lines.data.map(({ description }) => description)).toEqual([
    'Course (after Loyalty)',
    'Easel (after Loyalty)',
    'Export',
    'Stamp',
  ]);
  expect(document.lines.data.every(({ amount }) => amount >= 0)).toBe(true);
  expect(taxesOf(document.total_taxes)).toEqual([
    [TAX, 12_333, 'not_available'],
    [0, 2_000, 'zero_rated'],
  ]);
});

test('credit notes take back all of it in the end, each tax to the unit', async () => {
  const { payment, document } = await paidInvoice();
  for (const amount of [3_001, 5_555, undefined]) {
    await stripe.refunds.create({ payment_intent: payment, ...(amount ? { amount } : {}) });
    await adjustPayment({ account: '', paymentIntent: payment }, deps);
  }
  const notes = (await stripe.creditNotes.list({ invoice: document.id })).data;
  expect(notes).toHaveLength(3);
  const sums = new Map<string, number>();
  for (const note of notes) {
    expect(note.lines.data.length, 'split over the lines').toBeGreaterThan(1);
    for (const tax of note.total_taxes ?? []) {
      const rate = rateOf(tax);
      sums.set(rate, (sums.get(rate) ?? 0) + tax.amount);
    }
  }
  expect(notes.reduce((sum, { total }) => sum + total, 0)).toBe(TOTAL);
  expect(Object.fromEntries(sums)).toEqual(
    Object.fromEntries((document.total_taxes ?? []).map((tax) => [rateOf(tax), tax.amount])),
  );
});

function rateOf({ tax_rate_details: details }: Pick<Stripe.Invoice.TotalTax, 'tax_rate_details'>): string {
  return String(details?.tax_rate);
}
