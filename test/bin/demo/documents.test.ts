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

const paid: PaidInvoice = {
  invoice: {
    id: 'inv_1',
    number: '2026-00001',
    url: 'http://127.0.0.1/i/x',
    state: 'paid',
    totals: { gross: 32_725 },
    currency: 'eur',
    payment: { payment_intent: 'pi_1', amount: 32_725 },
    lines: [],
  },
  page: '<p>Paid</p>',
  log: [],
  receipts: 1,
  stripeInvoice: { number: 'Q-0002', total: 32_725 },
};

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
  ['no receipt', { receipts: 0 }, /0 receipts/],
  ['no Stripe invoice', { stripeInvoice: undefined }, /No paid Stripe invoice/],
])('%s is told', (_name, change, sentence) => {
  expect(ownInvoiceComplaints({ ...paid, ...change }).join(' ')).toMatch(sentence);
});
