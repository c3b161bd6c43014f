import { expect, test } from 'vitest';
import { ownInvoiceComplaints, type PaidInvoice } from '../../../bin/lib/demo/own-invoice.ts';
import { type Balance, balanceComplaints } from '../../../bin/lib/demo/taken-back.ts';

const refunded: Balance = {
  what: 'partial refund',
  paymentIntent: 'pi_1',
  amount: 14_900,
  taken: 4_900,
  currency: 'eur',
  invoice: { number: 'Q-0001', status: 'paid', total: 14_900 },
  notes: [{ number: 'Q-0001-CN-01', total: 4_900, out_of_band_amount: 4_900 }],
};
const [note] = refunded.notes;

test('a refund with its invoice and its one note is right', () => {
  expect(balanceComplaints([refunded])).toEqual([]);
});

test.each<[string, Partial<Balance>, RegExp]>([
  ['no invoice', { invoice: undefined }, /no paid invoice/],
  ['no note', { notes: [] }, /left 0 credit notes/],
  ['two notes', { notes: [note, note].flatMap((each) => each ?? []) }, /left 2 credit notes/],
  [
    'a note of another amount',
    { notes: [{ number: 'N', total: 4_800, out_of_band_amount: 4_900 }] },
    /says 4800, not 4900/,
  ],
  [
    'a note that pays again',
    { notes: [{ number: 'N', total: 4_900, out_of_band_amount: 0 }] },
    /would have moved money/,
  ],
])('%s is told', (_name, change, sentence) => {
  expect(balanceComplaints([{ ...refunded, ...change }]).join(' ')).toMatch(sentence);
});

const log = { kind: 'paid', text: 'Paid EUR 327.25 by card.' };
const paid: PaidInvoice = {
  invoice: {
    id: 'inv_1',
    number: '2026-00001',
    url: 'http://127.0.0.1/i/x',
    state: 'paid',
    totals: { gross: 32_725 },
    currency: 'eur',
    payment: { payment_intent: 'pi_1', amount: 32_725 },
    log: [log],
  },
  page: '<h2 id="payment">Paid</h2>',
  receipts: 1,
  stripeInvoices: [
    { number: 'Q-0002', status: 'paid', total: 32_725, custom_fields: [{ name: 'Invoice', value: '2026-00001' }] },
  ],
};
const [document] = paid.stripeInvoices;
if (!document) throw new Error('Bug: the right end has one Stripe invoice');

test('an own invoice with payment, receipt and Stripe invoice is right', () => {
  expect(ownInvoiceComplaints(paid)).toEqual([]);
});

test.each<[string, Partial<PaidInvoice>, RegExp]>([
  ['not paid', { invoice: { ...paid.invoice, state: 'processing' } }, /is processing, not paid/],
  [
    'paid with another amount',
    { invoice: { ...paid.invoice, payment: { payment_intent: 'pi_1', amount: 1 } } },
    /paid was 1/,
  ],
  ['a page that does not say so', { page: 'Pay by card' }, /does not say that it is paid/],
  ['two entries of payment', { invoice: { ...paid.invoice, log: [log, log] } }, /says 2 times that it was paid/],
  ['no receipt', { receipts: 0 }, /0 receipts/],
  ['two receipts', { receipts: 2 }, /2 receipts/],
  ['no Stripe invoice', { stripeInvoices: [] }, /Stripe has 0 invoices/],
  ['two Stripe invoices', { stripeInvoices: [document, document] }, /Stripe has 2 invoices/],
  ['a Stripe invoice of another amount', { stripeInvoices: [{ ...document, total: 1 }] }, /says 1, not 32725/],
  ['an open Stripe invoice', { stripeInvoices: [{ ...document, status: 'open' }] }, /is open/],
  ['another number', { stripeInvoices: [{ ...document, custom_fields: null }] }, /does not carry the number/],
])('%s is told', (_name, change, sentence) => {
  expect(ownInvoiceComplaints({ ...paid, ...change }).join(' ')).toMatch(sentence);
});
