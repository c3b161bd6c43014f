import { describe, expect, it } from 'vitest';
import { decimalsOf, isCurrency, maximumCharge, minimumCharge } from '../../simulator/core/currencies.ts';
import { chargeProblem } from '../../src/platform/charges.ts';
import { currencyOf } from '../../src/platform/currencies.ts';
import { failureOf, useSimulator } from './harness.ts';

const harness = useSimulator();

const session = (amount: number, currency: string) =>
  harness.stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ quantity: 1, price_data: { currency, unit_amount: amount, product_data: { name: 'Course' } } }],
    success_url: 'https://shop.example/thanks',
  });
const intent = (amount: number, currency: string) =>
  harness.stripe.paymentIntents.create({
    amount,
    currency,
    payment_method: 'pm_card_visa',
    confirm: true,
    return_url: 'https://shop.example/return',
  });

describe('the simulated Stripe charges', () => {
  it.each([
    ['kwd', 10_510, 'isk', 50_000],
    ['tnd', 10, 'ugx', 100],
    ['idr', 999_999_999_999, 'cop', 9_999_999_999],
    ['inr', 999_999_999, 'jpy', 99_999_999],
  ])('%s %i and %s %i', async (one, first, other, second) => {
    expect((await intent(first, one)).status).toBe('succeeded');
    expect((await session(first, one)).status).toBe('open');
    expect((await intent(second, other)).amount_received).toBe(second);
    expect((await session(second, other)).amount_total).toBe(second);
  });

  it.each([
    ['bhd', 10_511, 'invalid_charge_amount', /divisible by 10/],
    ['jod', 10_511, 'invalid_charge_amount', /divisible by 10/],
    ['kwd', 10_511, 'invalid_charge_amount', /divisible by 10/],
    ['omr', 10_511, 'invalid_charge_amount', /divisible by 10/],
    ['tnd', 10_511, 'invalid_charge_amount', /divisible by 10/],
    ['isk', 50_050, 'invalid_charge_amount', /divisible by 100/],
    ['ugx', 50_050, 'invalid_charge_amount', /divisible by 100/],
    ['eur', 100_000_000, 'amount_too_large', /no more than €999,999.99/],
    ['idr', 1e12, 'amount_too_large', /no more than/],
    ['krw', 49, 'amount_too_small', /at least ₩50/],
  ])('neither an intent nor a session over %s %i: %s', async (currency, amount, code, message) => {
    for (const failure of [await failureOf(intent(amount, currency)), await failureOf(session(amount, currency))]) {
      expect(failure).toMatchObject({ statusCode: 400, code, message: expect.stringMatching(message) });
    }
  });

  it.each(['cup', 'irr', 'kpw', 'zwl'])('nothing in %s', async (currency) => {
    for (const failure of [await failureOf(intent(1_000, currency)), await failureOf(session(1_000, currency))]) {
      expect(failure).toMatchObject({ statusCode: 400, message: expect.stringContaining(currency) });
    }
  });

  it('no part of a dinar that it would not charge: not captured, and not paid back', async () => {
    const held = await harness.stripe.paymentIntents.create({
      amount: 10_500,
      currency: 'kwd',
      payment_method: 'pm_card_visa',
      confirm: true,
      capture_method: 'manual',
      return_url: 'https://shop.example/return',
    });
    const capture = (amount: number) => harness.stripe.paymentIntents.capture(held.id, { amount_to_capture: amount });
    expect(await failureOf(capture(10_005))).toMatchObject({
      code: 'invalid_charge_amount',
      param: 'amount_to_capture',
    });
    await capture(10_000);
    const refund = (amount: number) => harness.stripe.refunds.create({ payment_intent: held.id, amount });
    expect(await failureOf(refund(1_001))).toMatchObject({ code: 'invalid_charge_amount', param: 'amount' });
    expect((await refund(1_000)).status).toBe('succeeded');
  });
});

describe('a line of the simulated Stripe', () => {
  it('has a description of 500 characters at most', async () => {
    const { id: customer } = await harness.stripe.customers.create({ name: 'Ada' });
    const draft = await harness.stripe.invoices.create({ customer, currency: 'eur' });
    const add = (length: number) =>
      harness.stripe.invoices.addLines(draft.id, { lines: [{ description: 'x'.repeat(length), amount: 1_000 }] });
    expect(await failureOf(add(501))).toMatchObject({
      statusCode: 400,
      param: 'lines[0][description]',
      message: expect.stringContaining('at most 500 characters'),
    });
    expect((await add(500)).lines.data[0]?.description).toHaveLength(500);
  });
});

it('the two tables of currencies, written apart, say the same', () => {
  const codes = Intl.supportedValuesOf('currency').map((code) => code.toLowerCase());
  for (const code of [...codes, 'std', 'xyz']) {
    const ours = currencyOf(code);
    expect([code, ours !== undefined]).toEqual([code, isCurrency(code)]);
    if (!ours) continue;
    expect([code, ours.decimals, ours.largest]).toEqual([code, decimalsOf(code), maximumCharge(code)]);
    const least = Math.max(minimumCharge(code), ours.step);
    expect([code, ours.smallest]).toEqual([code, least]);
    expect(chargeProblem({ amount: least, currency: code })).toBeUndefined();
  }
});
