import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { declineWords } from '../../../src/billing/own-invoices/decline-words.ts';
import { methodWords } from '../../../src/billing/own-invoices/method-words.ts';

const details = (type: string, wallet?: string) =>
  ({
    type,
    ...(type === 'card' ? { card: { wallet: wallet ? { type: wallet } : null } } : {}),
  }) as Stripe.Charge.PaymentMethodDetails;

describe('how a payment was made', () => {
  test.each([
    ['card', undefined, 'by card'],
    ['card', 'apple_pay', 'with Apple Pay'],
    ['card', 'google_pay', 'with Google Pay'],
    ['card', 'a_wallet_of_tomorrow', 'by card'],
    ['card_present', undefined, 'by card'],
    ['sepa_debit', undefined, 'by SEPA direct debit'],
    ['us_bank_account', undefined, 'by ACH direct debit'],
    ['paypal', undefined, 'with PayPal'],
    ['a_method_of_tomorrow', undefined, undefined],
  ])('%s %s: %s', (type, wallet, words) => {
    expect(methodWords(details(type, wallet))).toBe(words);
  });

  test.each([null, undefined])('not told by Stripe (%s): nothing is said', (nothing) => {
    expect(methodWords(nothing)).toBeUndefined();
  });
});

describe('why it did not work', () => {
  test.each([
    ['card', { decline_code: 'insufficient_funds' }, 'The card has insufficient funds.'],
    [undefined, { decline_code: 'insufficient_funds' }, 'The card has insufficient funds.'],
    ['sepa_debit', { code: 'insufficient_funds' }, 'The account has insufficient funds.'],
    ['us_bank_account', { code: 'account_closed' }, 'The bank account is closed.'],
    ['card', { decline_code: 'stolen_card' }, 'The bank declined the payment.'],
    ['sepa_debit', { code: 'expired_card' }, 'The bank did not carry out the payment.'],
    [
      'paypal',
      { code: 'payment_intent_authentication_failure' },
      'The bank asks for a confirmation that was not given.',
    ],
    ['sepa_debit', null, 'The bank did not carry out the payment.'],
  ] as const)('%s, %j: %s', (method, error, words) => {
    expect(declineWords(error, method)).toBe(words);
  });
});
