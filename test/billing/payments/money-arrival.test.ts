import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { givenAt, moneyArrival } from '../../../src/billing/payments/money-arrival.ts';
import { charge, paymentIntent } from '../../support/stripe-objects.ts';

const given = 1_790_000_000;
const booked = given + 4 * 86_400;
const booking = { id: 'txn_1', object: 'balance_transaction', created: booked } as Stripe.BalanceTransaction;

type Options = Stripe.PaymentIntent.PaymentMethodOptions;

function arrival(
  method: string | null,
  capture: Stripe.PaymentIntent.CaptureMethod,
  balance_transaction: Stripe.BalanceTransaction | string | null,
  options: object | null = null,
) {
  const details = method === null ? null : ({ type: method } as Stripe.Charge.PaymentMethodDetails);
  return moneyArrival(
    paymentIntent({ capture_method: capture, payment_method_options: options as Options | null }),
    charge({ created: given, payment_method_details: details, balance_transaction }),
  );
}

describe('the money came', () => {
  test.each(['card', 'card_present', 'interac_present', 'link'])(
    'by %s that is captured at once: when it was charged, whether or not it is booked',
    (method) => {
      for (const capture of ['automatic', 'automatic_async'] as const) {
        expect(arrival(method, capture, null)).toEqual({ at: given });
        expect(arrival(method, capture, booking)).toEqual({ at: given });
      }
    },
  );

  test.each([
    ['card', 'manual'],
    ['link', 'manual'],
    ['sepa_debit', 'automatic'],
    ['sepa_debit', 'automatic_async'],
    ['us_bank_account', 'automatic_async'],
    ['bacs_debit', 'automatic_async'],
    ['boleto', 'automatic_async'],
    ['paypal', 'automatic_async'],
    ['a_method_of_tomorrow', 'automatic_async'],
    [null, 'automatic_async'],
  ] as const)('by %s with capture %s: when it was booked, and until then it is not known', (method, capture) => {
    expect(arrival(method, capture, booking)).toEqual({ at: booked });
    expect(arrival(method, capture, null)).toEqual({ awaited: expect.stringMatching(/not booked it yet/) });
    expect(arrival(method, capture, 'txn_1'), 'an id alone says no day').toHaveProperty('awaited');
  });

  test.each([
    { card: { capture_method: 'manual' } },
    { card_present: { capture_method: 'manual_preferred' } },
    { link: { capture_method: 'manual' } },
  ])('where a method alone is held first, as in %j: when it was booked', (options) => {
    expect(arrival('card', 'automatic_async', booking, options)).toEqual({ at: booked });
    expect(arrival('card', 'automatic_async', null, options)).toHaveProperty('awaited');
    expect(arrival('card', 'automatic_async', null, { card: {} })).toEqual({ at: given });
  });

  test('without a charge: with the payment intent', () => {
    expect(moneyArrival(paymentIntent({ created: given, capture_method: 'manual' }), null)).toEqual({ at: given });
  });
});

test('given was a payment when its charge was made', () => {
  const debit = charge({ created: given, balance_transaction: booking });
  expect(givenAt(paymentIntent(), debit)).toEqual({ at: given });
  expect(givenAt(paymentIntent({ created: given - 5 }), null)).toEqual({ at: given - 5 });
});
