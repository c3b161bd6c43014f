import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { firstRow } from '../../../src/platform/db.ts';
import { BusyError } from '../../../src/platform/errors.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { bookedLater, GAP, MINUTE, ref } from '../../support/booked-later.ts';
import { payDirectly } from '../../support/purchases.ts';

/** The documents of debits and captures bear the day on which the money came. */
const billing = await billingUnderTest();
const { deps, side } = billing;
const { db, stripe } = deps;
const { advance, debited, captured, busy, factsOf, invoiceOf, handle } = bookedLater(billing);

describe.each([
  ['a debit', debited],
  ['a capture', captured],
])('%s', (_what, make) => {
  test('waits for its booking, and its invoice bears that day', async () => {
    const payment = await make();
    await busy(payment);
    expect(await invoiceOf(payment)).toBeUndefined();
    await advance(2 * MINUTE);
    expect((await settlePayment(ref(payment), deps)).outcome).toBe('processed');
    const { given, booked } = await factsOf(payment);
    expect(booked).toBeGreaterThanOrEqual(given + GAP);
    expect(await invoiceOf(payment)).toMatchObject({ status: 'paid', effective_at: booked });
    const row = await firstRow(
      db,
      'SELECT extract(epoch FROM paid_at)::bigint AS at, unbooked_since FROM payments WHERE payment_intent = ?',
      [payment],
    );
    expect(row).toEqual({ at: booked, unbooked_since: null });
  });
});

test('a card that is captured at once waits for nothing, and its invoice bears the day of its charge', async () => {
  const payment = await payDirectly(side);
  expect((await settlePayment(ref(payment), deps)).outcome).toBe('processed');
  const { given, booked } = await factsOf(payment);
  expect(booked).toBeNull();
  expect((await invoiceOf(payment))?.effective_at).toBe(given);
});

describe('an edit of a charge', () => {
  const updated = async (payment: string) => {
    const { latest_charge: charge } = await stripe.paymentIntents.retrieve(payment, { expand: ['latest_charge'] });
    return handle('charge.updated', charge);
  };

  test('of which nothing is known yet makes no invoice', async () => {
    const payment = await payDirectly(side);
    expect(await updated(payment)).toMatchObject({
      outcome: 'ignored',
      reason: expect.stringMatching('does not wait'),
    });
    expect(await invoiceOf(payment)).toBeUndefined();
  });

  test('of a payment that waits looks whether it is booked, and of one that is settled at nothing', async () => {
    const payment = await debited();
    await busy(payment);
    await expect(updated(payment)).rejects.toBeInstanceOf(BusyError);
    await advance(2 * MINUTE);
    expect(await updated(payment)).toMatchObject({ outcome: 'processed' });
    expect(await updated(payment)).toMatchObject({ outcome: 'processed', reason: 'the payment has its invoice' });
  });
});

describe('with a key that may not read bookings', () => {
  /** As Stripe answers a restricted key of an installation that had no use for them. */
  const retrieve: typeof stripe.paymentIntents.retrieve = async (id, params, options) => {
    const asked = params && 'expand' in params ? (params.expand ?? []) : [];
    if (asked.some((path) => path.endsWith('balance_transaction')))
      throw new Stripe.errors.StripePermissionError({ type: 'invalid_request_error', message: 'rak_' });
    return stripe.paymentIntents.retrieve(id, params, options);
  };
  const paymentIntents = new Proxy(stripe.paymentIntents, {
    get: (target, name) => (name === 'retrieve' ? retrieve : Reflect.get(target, name)),
  });
  const restricted = new Proxy(stripe, {
    get: (target, name) => (name === 'paymentIntents' ? paymentIntents : Reflect.get(target, name)),
  });

  test('cards are invoiced all the same', async () => {
    const payment = await payDirectly(side);
    expect((await settlePayment(ref(payment), { ...deps, stripe: restricted })).outcome).toBe('processed');
  });

  test('a capture waits, and says which permission is missing', async () => {
    const payment = await captured();
    await advance(2 * MINUTE);
    await expect(settlePayment(ref(payment), { ...deps, stripe: restricted })).rejects.toThrow('balance transactions');
    expect((await settlePayment(ref(payment), deps)).outcome).toBe('processed');
  });
});
