import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { failureOf, useSimulator } from './harness.ts';

const harness = useSimulator();

const pay = (method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}): Promise<Stripe.PaymentIntent> =>
  harness.stripe.paymentIntents.create({
    amount: 2000,
    currency: 'usd',
    payment_method: method,
    confirm: true,
    return_url: 'https://shop.example/return',
    ...more,
  });

const eventTypes = async (): Promise<string[]> =>
  (await harness.stripe.events.list({ limit: 100 })).data.map(({ type }) => type).reverse();

describe('payment intents of the simulated Stripe', () => {
  it('succeed with a good card; the balance transaction comes a moment later', async () => {
    const intent = await pay('pm_card_visa', { metadata: { order: '7' }, receipt_email: 'a@example.com' });
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 2000, metadata: { order: '7' } });
    const charge = String(intent.latest_charge);
    expect(await harness.stripe.charges.retrieve(charge)).toMatchObject({
      paid: true,
      captured: true,
      metadata: { order: '7' },
      outcome: { type: 'authorized' },
      payment_method_details: { card: { brand: 'visa', last4: '4242' } },
    });
    await harness.control('POST', '/clock/advance', { seconds: 1 });
    const { data } = await harness.stripe.balanceTransactions.list({ source: charge });
    expect(data).toMatchObject([{ amount: 2000, fee: 88, net: 1912, type: 'charge', status: 'pending' }]);
    await harness.control('POST', '/clock/advance', { seconds: 2 * 86_400 + 1 });
    expect((await harness.stripe.balanceTransactions.retrieve(data[0]?.id ?? '')).status).toBe('available');
    expect(await eventTypes()).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'charge.updated',
    ]);
  });

  it('are booked in the same breath only by a card under capture_method=automatic, otherwise with charge.updated', async () => {
    await harness.control('POST', '/settings', { balance_delay_ms: 60_000 });
    const booking = async (method: string, capture: 'automatic' | 'automatic_async' | 'manual') => {
      const { id } = await pay(method, { capture_method: capture });
      if (capture === 'manual') await harness.stripe.paymentIntents.capture(id);
      const { latest_charge: charge } = await harness.stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] });
      return typeof charge === 'string' ? undefined : charge?.balance_transaction;
    };
    expect(await booking('pm_card_visa', 'automatic')).toMatch(/^txn_/);
    expect(await booking('pm_card_visa', 'automatic_async')).toBeNull();
    expect(await booking('pm_card_visa', 'manual')).toBeNull();
    await harness.control('POST', '/settings', { balance_delay_ms: 0 });
  });

  it.each([
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline', 'Your card was declined.'],
    ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline', 'Your card was declined.'],
    [
      'pm_card_visa_chargeDeclinedInsufficientFunds',
      'card_declined',
      'insufficient_funds',
      'Your card has insufficient funds.',
    ],
    ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card', 'Your card was declined.'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', '', 'Your card has expired.'],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', '', "Your card's security code is incorrect."],
  ])('with %s fail with %s', async (method, code, declineCode, message) => {
    const error = await failureOf(pay(method));
    expect(error).toMatchObject({ type: 'StripeCardError', statusCode: 402, code, message });
    expect(error.decline_code).toBe(declineCode);
    const { data } = await harness.stripe.paymentIntents.list();
    expect(data).toMatchObject([
      { status: 'requires_payment_method', payment_method: null, last_payment_error: { code, message } },
    ]);
    expect(error.payment_intent?.id).toBe(data[0]?.id);
    expect(await eventTypes()).toEqual(['payment_intent.created', 'charge.failed', 'payment_intent.payment_failed']);
  });

  it('leave charges that can be annotated', async () => {
    const { latest_charge: id } = await pay('pm_card_visa');
    const charge = await harness.stripe.charges.update(String(id), { metadata: { note: '1' }, description: 'Seen' });
    expect(charge).toMatchObject({ description: 'Seen', metadata: { note: '1' } });
  });

  it('can be tried again after a decline', async () => {
    const { payment_intent: failed } = await failureOf(pay('pm_card_chargeDeclined'));
    const intent = await harness.stripe.paymentIntents.confirm(failed?.id ?? '', {
      payment_method: 'pm_card_mastercard',
      return_url: 'https://shop.example/return',
    });
    expect(intent).toMatchObject({ status: 'succeeded', last_payment_error: null });
    expect((await harness.stripe.charges.list({ payment_intent: intent.id })).data).toHaveLength(2);
  });

  it('go through confirmation step by step', async () => {
    const { id, status } = await harness.stripe.paymentIntents.create({ amount: 700, currency: 'eur' });
    expect(status).toBe('requires_payment_method');
    const missing = await failureOf(harness.stripe.paymentIntents.confirm(id));
    expect(missing.code).toBe('payment_intent_unexpected_state');
    const updated = await harness.stripe.paymentIntents.update(id, { payment_method: 'pm_card_visa', amount: 900 });
    expect(updated).toMatchObject({ status: 'requires_confirmation', amount: 900 });
    const nowhere = await failureOf(harness.stripe.paymentIntents.confirm(id));
    expect(nowhere.message).toMatch(/you must provide a `return_url`/);
    await harness.stripe.paymentIntents.confirm(id, { return_url: 'https://shop.example/' });
    const twice = await failureOf(harness.stripe.paymentIntents.confirm(id));
    expect(twice.message).toMatch(/has already succeeded/);
    expect((await failureOf(harness.stripe.paymentIntents.update(id, { amount: 5000 }))).code).toBe(
      'payment_intent_unexpected_state',
    );
  });

  it('ask for authentication, or fail at once when nobody is there to give it', async () => {
    const intent = await pay('pm_card_authenticationRequired');
    expect(intent).toMatchObject({ status: 'requires_action', next_action: { type: 'redirect_to_url' } });
    const page = intent.next_action?.redirect_to_url?.url ?? '';
    expect(await (await fetch(page)).text()).toContain('$20.00');
    const answered = await fetch(page, {
      method: 'POST',
      body: new URLSearchParams({ answer: 'approve' }),
      redirect: 'manual',
    });
    expect(answered.headers.get('location')).toMatch(/^https:\/\/shop\.example\/return\?.*redirect_status=succeeded$/);
    expect((await harness.stripe.paymentIntents.retrieve(intent.id)).status).toBe('succeeded');
    const absent = await failureOf(pay('pm_card_authenticationRequired', { off_session: true }));
    expect(absent.code).toBe('authentication_required');
  });

  it('hold money for a later capture, of all or a part of it', async () => {
    const held = await pay('pm_card_visa', { capture_method: 'manual' });
    expect(held).toMatchObject({ status: 'requires_capture', amount_capturable: 2000, amount_received: 0 });
    expect((await failureOf(harness.stripe.paymentIntents.capture(held.id, { amount_to_capture: 2001 }))).code).toBe(
      'amount_too_large',
    );
    const captured = await harness.stripe.paymentIntents.capture(held.id, { amount_to_capture: 1500 });
    expect(captured).toMatchObject({ status: 'succeeded', amount_received: 1500 });
  });

  it('of bank debits are processing for days, then paid or failed', async () => {
    const debit = (iban: string) =>
      harness.stripe.paymentIntents.create({
        amount: 2000,
        currency: 'eur',
        confirm: true,
        return_url: 'https://shop.example/',
        payment_method_data: {
          type: 'sepa_debit',
          sepa_debit: { iban },
          billing_details: { name: 'Ann', email: 'ann@example.com' },
        },
      });
    const good = await debit('AT611904300234573201');
    const bad = await debit('AT861904300235473202');
    expect([good.status, bad.status]).toEqual(['processing', 'processing']);
    expect(good.latest_charge).toMatch(/^py_/);
    await harness.control('POST', '/clock/advance', { seconds: 4 * 86_400 });
    expect((await harness.stripe.paymentIntents.retrieve(good.id)).status).toBe('succeeded');
    expect(await harness.stripe.paymentIntents.retrieve(bad.id)).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'insufficient_funds' },
    });
  });

  it('can be canceled while unpaid', async () => {
    const { id } = await harness.stripe.paymentIntents.create({ amount: 700, currency: 'eur' });
    const canceled = await harness.stripe.paymentIntents.cancel(id, { cancellation_reason: 'abandoned' });
    expect(canceled).toMatchObject({ status: 'canceled', cancellation_reason: 'abandoned' });
    const paid = await pay('pm_card_visa');
    expect((await failureOf(harness.stripe.paymentIntents.cancel(paid.id))).code).toBe(
      'payment_intent_unexpected_state',
    );
  });

  it.each([
    ['usd', 49, 'amount_too_small'],
    ['jpy', 49, 'amount_too_small'],
    ['eur', 100_000_000, 'amount_too_large'],
  ])('refuse %s %d', async (currency, amount, code) => {
    expect((await failureOf(harness.stripe.paymentIntents.create({ amount, currency }))).code).toBe(code);
  });

  it('take currencies without and with three decimals', async () => {
    expect((await pay('pm_card_visa', { currency: 'jpy', amount: 500 })).amount_received).toBe(500);
    expect((await pay('pm_card_visa', { currency: 'kwd', amount: 10_000 })).currency).toBe('kwd');
    const wrong = await failureOf(harness.stripe.paymentIntents.create({ amount: 500, currency: 'xyz' }));
    expect(wrong.message).toMatch(/^Invalid currency: xyz/);
  });

  it('save the card to the customer when it is to be used again', async () => {
    const { id } = await harness.stripe.customers.create({});
    const { payment_method: method } = await pay('pm_card_visa', { customer: id, setup_future_usage: 'off_session' });
    const { data } = await harness.stripe.customers.listPaymentMethods(id);
    expect(data.map((one) => one.id)).toEqual([method]);
    const again = await pay(String(method), { customer: id, off_session: true });
    expect(again.status).toBe('succeeded');
    expect((await failureOf(pay(String(method)))).message).toMatch(/belongs to a Customer/);
  });
});
