import { describe, expect, test } from 'vitest';
import { ZodError } from 'zod';
import { paymentOfCharge, paymentOfIntent, paymentOfSession } from '../../src/billing/event-subjects.ts';

const pi1 = { found: { account: '', paymentIntent: 'pi_1' } };

describe('the payment that an event speaks of', () => {
  test.each([
    ['a session', paymentOfSession({ object: 'checkout.session', mode: 'payment', payment_intent: 'pi_1' })],
    ['a payment intent', paymentOfIntent({ object: 'payment_intent', id: 'pi_1' })],
    ['a charge', paymentOfCharge({ object: 'charge', id: 'ch_1', payment_intent: 'pi_1' })],
  ])('%s names it', (_what, subject) => {
    expect(subject).toEqual(pi1);
  });

  test('an expanded payment intent counts as its id', () => {
    const payment_intent = { id: 'pi_1', object: 'payment_intent', amount: 1 };
    expect(paymentOfSession({ object: 'checkout.session', mode: 'payment', payment_intent })).toEqual(pi1);
    expect(paymentOfCharge({ object: 'charge', payment_intent })).toEqual(pi1);
  });

  test('fields that the code has never heard of, and those of older API versions, change nothing', () => {
    const session2019 = {
      object: 'checkout.session',
      id: 'cs_1',
      mode: 'payment',
      display_items: [{ amount: 500, currency: 'usd', quantity: 1, type: 'custom' }],
      payment_intent: 'pi_1',
      livemode: 'later a text?',
    };
    expect(paymentOfSession(session2019)).toEqual(pi1);
    const intent2018 = { object: 'payment_intent', id: 'pi_1', charges: { data: [] }, source: 'src_1', invoice: null };
    expect(paymentOfIntent(intent2018)).toEqual(pi1);
    const chargeOfTomorrow = {
      object: 'charge',
      payment_intent: 'pi_1',
      amount: { value: '5', scale: 0 },
      quantum: {},
    };
    expect(paymentOfCharge(chargeOfTomorrow)).toEqual(pi1);
  });
});

describe('nothing to do, with the reason', () => {
  test.each([
    [
      'a subscription checkout',
      paymentOfSession({ object: 'checkout.session', mode: 'subscription', payment_intent: null }),
      /subscription/,
    ],
    ['a setup checkout', paymentOfSession({ object: 'checkout.session', mode: 'setup' }), /setup/],
    [
      'a checkout of nothing',
      paymentOfSession({ object: 'checkout.session', mode: 'payment', payment_intent: null }),
      /nothing was to be paid/,
    ],
    [
      'a charge of before payment intents',
      paymentOfCharge({ object: 'charge', payment_intent: null }),
      /without a payment intent/,
    ],
    ['a charge that does not name one', paymentOfCharge({ object: 'charge' }), /without a payment intent/],
  ])('%s', (_what, subject, reason) => {
    expect(subject).toEqual({ nothing: expect.stringMatching(reason) });
  });
});

describe('an object that is not of the kind that the type promises is for a person', () => {
  test.each([
    ['a charge instead of a session', () => paymentOfSession({ object: 'charge', payment_intent: 'pi_1' })],
    ['a session without a mode', () => paymentOfSession({ object: 'checkout.session', payment_intent: 'pi_1' })],
    ['an intent without id', () => paymentOfIntent({ object: 'payment_intent' })],
    ['a number as payment intent', () => paymentOfCharge({ object: 'charge', payment_intent: 7 })],
    ['nothing', () => paymentOfCharge(undefined)],
    ['a list', () => paymentOfIntent([])],
  ])('%s', (_what, read) => {
    expect(read).toThrow(ZodError);
  });
});
