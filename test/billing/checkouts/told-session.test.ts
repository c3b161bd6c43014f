import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { type PaymentProgress, progressOfStatus, toldSession } from '../../../src/billing/checkouts/told-session.ts';
import { checkoutSession, paymentIntent } from '../../support/stripe-objects.ts';

/** What Stripe tells of a session: an open one in which nobody has tried, each row with what is different. */
const CREATED = 1_700_000_000;
const session = checkoutSession({
  status: 'open',
  payment_status: 'unpaid',
  payment_intent: null,
  customer: null,
  created: CREATED,
  expires_at: CREATED + 86_400,
});

type Says = Partial<Omit<Stripe.PaymentIntent, 'last_payment_error' | 'latest_charge'>> & {
  error?: { code?: string; decline_code?: string };
  charge?: object | string;
};
function paidBy({ error, charge, ...says }: Says): Stripe.Checkout.Session {
  const payment_intent = {
    ...paymentIntent({ status: 'requires_payment_method' }),
    created: CREATED,
    ...says,
    last_payment_error: error ? { type: 'card_error', ...error } : null,
    latest_charge: charge ?? null,
  };
  return JSON.parse(JSON.stringify({ ...session, payment_intent }));
}
const subscribedAs = (status: string, is: Partial<Stripe.Checkout.Session> = {}): Stripe.Checkout.Session =>
  JSON.parse(JSON.stringify({ ...session, mode: 'subscription', subscription: { id: 'sub_1', status }, ...is }));
const failedCharge = {
  id: 'ch_1',
  status: 'failed',
  failure_code: 'card_declined',
  outcome: { reason: 'do_not_honor' },
};

describe('how far the payment has come', () => {
  test.each<[string, Stripe.Checkout.Session, PaymentProgress, string | null]>([
    ['nobody has tried', session, 'none', null],
    ['paid', { ...session, payment_status: 'paid' }, 'succeeded', null],
    [
      'paid, although a try before it was declined',
      paidBy({ status: 'succeeded', error: { code: 'x' } }),
      'succeeded',
      null,
    ],
    ['a debit is under way', paidBy({ status: 'processing' }), 'under_way', null],
    ['the bank asks for a confirmation', paidBy({ status: 'requires_action' }), 'under_way', null],
    ['… after a decline', paidBy({ status: 'requires_action', charge: failedCharge }), 'under_way', 'do_not_honor'],
    ['the money is held', paidBy({ status: 'requires_capture' }), 'under_way', null],
    [
      'declined, in the word of the bank',
      paidBy({ error: { code: 'card_declined', decline_code: 'lost_card' } }),
      'failed',
      'lost_card',
    ],
    ['declined, in the word of Stripe', paidBy({ error: { code: 'expired_card' } }), 'failed', 'expired_card'],
    ['declined, and the error is gone', paidBy({ status: 'canceled', charge: failedCharge }), 'failed', 'do_not_honor'],
    ['… without a word of the bank', paidBy({ charge: { ...failedCharge, outcome: null } }), 'failed', 'card_declined'],
    ['a charge by its id alone', paidBy({ status: 'canceled', charge: 'ch_1' }), 'failed', null],
    [
      'a charge that did not fail tells no reason',
      paidBy({ charge: { ...failedCharge, status: 'pending' } }),
      'failed',
      null,
    ],
    [
      'the intent was made with the session, and nobody has tried',
      paidBy({ status: 'requires_payment_method' }),
      'none',
      null,
    ],
    ['… and it was called off', paidBy({ status: 'canceled' }), 'none', null],
    ['the intent is younger than the session', paidBy({ status: 'canceled', created: CREATED + 1 }), 'failed', null],
    ['a subscription waits for its first payment', subscribedAs('incomplete'), 'failed', null],
    ['… and has ended so', subscribedAs('incomplete_expired', { status: 'expired' }), 'failed', null],
    ['… or its debit is under way', subscribedAs('active', { status: 'complete' }), 'under_way', null],
    [
      '… or it is incomplete with the checkout complete',
      subscribedAs('incomplete', { status: 'complete' }),
      'failed',
      null,
    ],
    [
      '… or has expired so with the checkout complete',
      subscribedAs('incomplete_expired', { status: 'complete' }),
      'failed',
      null,
    ],
    ['… or has begun, and the page is open', subscribedAs('active'), 'failed', null],
    ['a subscription by its id alone', { ...session, subscription: 'sub_1' }, 'none', null],
  ])('%s', (_what, told, payment, failure_code) => {
    expect(toldSession(told)).toMatchObject({ payment, failure_code });
  });

  test('a status of tomorrow is no end', () => {
    expect(progressOfStatus('requires_patience')).toBe('under_way');
  });
});

test('nothing is sold in mode setup, and words that are not known here are left alone', () => {
  expect(toldSession({ ...session, mode: 'setup' })).toBeUndefined();
  expect(toldSession({ ...session, mode: 'auction' })).toBeUndefined();
  expect(toldSession({ ...session, status: null })).toBeUndefined();
  expect(toldSession({ ...session, payment_status: 'half_paid' })).toBeUndefined();
});

test('ids are read from what is expanded and what is not', () => {
  expect(toldSession(paidBy({ id: 'pi_9' }))).toMatchObject({
    payment_intent: 'pi_9',
    subscription: null,
    customer: null,
  });
  expect(toldSession({ ...session, payment_intent: 'pi_8', customer: 'cus_1', subscription: 'sub_1' })).toMatchObject({
    payment_intent: 'pi_8',
    customer: 'cus_1',
    subscription: 'sub_1',
  });
  expect(toldSession(session)).toMatchObject({
    created: new Date(session.created * 1000),
    expires_at: new Date(session.expires_at * 1000),
  });
});
