import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { touchedBalance, wrongDraft } from '../../../src/billing/stripe-invoices/guards.ts';
import { invoice } from '../../support/stripe-invoice.ts';

const received = { total: 1_000, currency: 'eur' };

test.each<[string, Partial<Stripe.Invoice>, RegExp | undefined]>([
  ['the right total and currency', {}, undefined],
  ['one minor unit too little', { total: 999 }, /total is 999, received was 1000/],
  ['one minor unit too much', { total: 1_001 }, /total is 1001/],
  ['another currency', { currency: 'usd' }, /currency is usd, received was eur/],
  ['the right total though its subtotal differs', { subtotal: 800 }, undefined],
])('a draft with %s', (_what, says, complaint) => {
  const wrong = wrongDraft(invoice({ status: 'draft', ...says }), { ...claim(), ...received });
  if (complaint) expect(wrong).toMatch(complaint);
  else expect(wrong).toBeUndefined();
});

test.each<[boolean, string, Partial<Stripe.Invoice>]>([
  [false, 'open, all of it due', {}],
  [true, 'open, with a credit taken off', { starting_balance: -300, amount_due: 700 }],
  [true, 'open, with a debit added', { starting_balance: 300, amount_due: 1_300 }],
  [true, 'open, less due than its total for whatever reason', { amount_due: 900 }],
  [true, 'open, a balance named though the due amount is right', { starting_balance: -1 }],
  [false, 'paid, all of it by payments', { status: 'paid', amount_paid: 1_000, amount_due: 0 }],
  [
    true,
    'paid, all of it from the balance',
    { status: 'paid', starting_balance: -1_000, amount_paid: 0, amount_due: 0 },
  ],
  [true, 'paid, with less than its total', { status: 'paid', amount_paid: 700, amount_due: 700 }],
])('touched by a balance: %s (%s)', (touched, _what, says) => {
  expect(touchedBalance(invoice(says))).toBe(touched);
});

function claim() {
  return {
    id: 1,
    account: '',
    payment_intent: 'pi_1',
    reverses: null,
    step: 'drafted',
    key_version: 1,
    bill_to: 'buyer',
    customer: 'cus_1',
    stripe_invoice: 'in_1',
    number: null,
    settlement: null,
    claimed_at: new Date(),
    tried_at: null,
  } as const;
}
