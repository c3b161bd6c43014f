import { describe, expect, test } from 'vitest';
import { ZodError } from 'zod';
import * as subjects from '../../src/billing/event-subjects.ts';
import { paymentOfCharge, paymentOfIntent, soldInSession } from '../../src/billing/event-subjects.ts';

const pi1 = { found: { account: '', paymentIntent: 'pi_1' } };

describe('the payment that an event speaks of', () => {
  test.each([
    ['a session', soldInSession({ object: 'checkout.session', mode: 'payment', payment_intent: 'pi_1' })],
    ['a payment intent', paymentOfIntent({ object: 'payment_intent', id: 'pi_1' })],
    ['a charge', paymentOfCharge({ object: 'charge', id: 'ch_1', payment_intent: 'pi_1' })],
  ])('%s names it', (_what, subject) => {
    expect(subject).toEqual(pi1);
  });

  test('an expanded payment intent counts as its id', () => {
    const payment_intent = { id: 'pi_1', object: 'payment_intent', amount: 1 };
    expect(soldInSession({ object: 'checkout.session', mode: 'payment', payment_intent })).toEqual(pi1);
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
    expect(soldInSession(session2019)).toEqual(pi1);
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
      soldInSession({ object: 'checkout.session', mode: 'subscription', payment_intent: null }),
      /subscription/,
    ],
    ['a setup checkout', soldInSession({ object: 'checkout.session', mode: 'setup' }), /setup/],
    [
      'a checkout of nothing',
      soldInSession({ object: 'checkout.session', mode: 'payment', payment_intent: null }),
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
    ['a charge instead of a session', () => soldInSession({ object: 'charge', payment_intent: 'pi_1' })],
    ['a session without a mode', () => soldInSession({ object: 'checkout.session', payment_intent: 'pi_1' })],
    ['an intent without id', () => paymentOfIntent({ object: 'payment_intent' })],
    ['a number as payment intent', () => paymentOfCharge({ object: 'charge', payment_intent: 7 })],
    ['nothing', () => paymentOfCharge(undefined)],
    ['a list', () => paymentOfIntent([])],
  ])('%s', (_what, read) => {
    expect(read).toThrow(ZodError);
  });
});

describe('what else an event speaks of', () => {
  const {
    subscriptionOf,
    subscriptionOfSchedule,
    invoiceOf,
    customerOf,
    customerOfMethod,
    productOf,
    priceOf,
    testClockOf,
  } = subjects;
  test.each<[string, object, object]>([
    ['a subscription', subscriptionOf({ object: 'subscription', id: 'sub_1', plan: null }), { subscription: 'sub_1' }],
    [
      'the subscription of a checkout',
      soldInSession({ object: 'checkout.session', mode: 'subscription', subscription: 'sub_1' }),
      { subscription: 'sub_1' },
    ],
    [
      'the subscription of a schedule',
      subscriptionOfSchedule({ object: 'subscription_schedule', subscription: { id: 'sub_1' } }),
      { subscription: 'sub_1' },
    ],
    ['an invoice', invoiceOf({ object: 'invoice', id: 'in_1', subscription: 'of 2019' }), { invoice: 'in_1' }],
    ['a customer', customerOf({ object: 'customer', id: 'cus_1' }), { customer: 'cus_1' }],
    ['a customer that is gone', customerOf({ object: 'customer', id: 'cus_1', deleted: true }), { customer: 'cus_1' }],
    ['whose card', customerOfMethod({ object: 'payment_method', customer: 'cus_1' }), { customer: 'cus_1' }],
    ['whose setup', customerOfMethod({ object: 'setup_intent', customer: { id: 'cus_1' } }), { customer: 'cus_1' }],
    ['a product', productOf({ object: 'product', id: 'prod_1' }), { product: 'prod_1' }],
    ['a price', priceOf({ object: 'price', id: 'price_1' }), { price: 'price_1' }],
    [
      'a test clock',
      testClockOf({ object: 'test_helpers.test_clock', id: 'clock_1', frozen_time: 1 }),
      { testClock: 'clock_1' },
    ],
  ])('%s', (_what, subject, found) => {
    expect(subject).toEqual({ found });
  });

  test.each<[string, object, RegExp]>([
    [
      'a schedule without a subscription',
      subscriptionOfSchedule({ object: 'subscription_schedule', subscription: null }),
      /no subscription/,
    ],
    ['an invoice of nothing else', invoiceOf({ object: 'invoice', id: 'in_1', parent: null }), /of no subscription/],
    ['a card that was detached', customerOfMethod({ object: 'payment_method', customer: null }), /of no customer/],
    [
      'a checkout that expired',
      soldInSession({ object: 'checkout.session', mode: 'subscription', subscription: null }),
      /nothing was sold/,
    ],
  ])('%s speaks of nothing', (_what, subject, nothing) => {
    expect(subject).toEqual({ nothing: expect.stringMatching(nothing) });
  });

  test('an object of another kind is an error', () => {
    expect(() => subscriptionOf({ object: 'charge', id: 'ch_1' })).toThrow(ZodError);
  });
});
