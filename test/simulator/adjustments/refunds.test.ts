import type Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import { refusal, type Simulated, simulated } from '../invoicing/simulated.ts';
import { paid } from './payments.ts';

const DAY = 86_400;

let sim: Simulated;
let stripe: Stripe;

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
});

describe('a refund', () => {
  test('of a card succeeds at once and shows on the charge', async () => {
    const payment = await paid(sim);
    sim.newEvents();
    const refund = await stripe.refunds.create({
      payment_intent: payment.id,
      amount: 300,
      reason: 'requested_by_customer',
      metadata: { order: '7' },
      expand: ['balance_transaction'],
    });
    expect(refund).toMatchObject({
      amount: 300,
      status: 'succeeded',
      charge: payment.charge,
      payment_intent: payment.id,
      reason: 'requested_by_customer',
      metadata: { order: '7' },
      balance_transaction: { type: 'refund', amount: -300, net: -300, source: refund.id },
    });
    expect(sim.newEvents()).toEqual(['refund.created', 'charge.refunded']);
    expect(await stripe.charges.retrieve(payment.charge)).toMatchObject({ amount_refunded: 300, refunded: false });
  });

  test('takes what is left when no amount is named, and then no more', async () => {
    const { charge } = await paid(sim);
    await stripe.refunds.create({ charge, amount: 300 });
    expect((await stripe.refunds.create({ charge })).amount).toBe(700);
    expect(await stripe.charges.retrieve(charge)).toMatchObject({ amount_refunded: 1000, refunded: true });
    const error = await refusal(stripe.refunds.create({ charge }));
    expect(error).toMatchObject({ statusCode: 400, code: 'charge_already_refunded' });
    expect(error.message).toBe(`Charge ${charge} has already been refunded.`);
  });

  test('cannot be larger than what is left', async () => {
    const { charge } = await paid(sim);
    await stripe.refunds.create({ charge, amount: 300 });
    const error = await refusal(stripe.refunds.create({ charge, amount: 701 }));
    expect(error).toMatchObject({ statusCode: 400, param: 'amount' });
    expect(error.message).toBe('Refund amount (€7.01) is greater than unrefunded amount on charge (€7.00)');
  });

  test.each([
    [{}, 'payment_intent'],
    [{ payment_intent: 'pi_none' }, 'payment_intent'],
    [{ charge: 'ch_none' }, 'charge'],
    [{ charge: 'ch_none', payment_intent: 'pi_none' }, 'charge'],
    [{ charge: 'ch_none', amount: 0 }, 'amount'],
  ])('is refused with %j', async (params, param) => {
    expect(await refusal(stripe.refunds.create(params))).toMatchObject({ statusCode: 400, param });
  });

  test('needs a payment that was made', async () => {
    const unpaid = await stripe.paymentIntents.create({ amount: 500, currency: 'eur' });
    expect((await refusal(stripe.refunds.create({ payment_intent: unpaid.id }))).message).toMatch(/successful charge/);
    const held = await paid(sim, { capture_method: 'manual' });
    const error = await refusal(stripe.refunds.create({ charge: held.charge }));
    expect(error.code).toBe('charge_not_refundable');
  });

  test('of a disputed charge is refused, of one that is only asked about it is not', async () => {
    const disputed = await paid(sim, { payment_method: 'pm_card_createDispute' });
    expect((await refusal(stripe.refunds.create({ charge: disputed.charge }))).code).toBe('charge_disputed');
    const asked = await paid(sim, { payment_method: 'pm_card_createDisputeInquiry' });
    expect((await stripe.refunds.create({ charge: asked.charge })).status).toBe('succeeded');
  });

  test('changes its metadata only', async () => {
    const { charge } = await paid(sim);
    const { id } = await stripe.refunds.create({ charge });
    sim.newEvents();
    expect((await stripe.refunds.update(id, { metadata: { a: '1' } })).metadata).toEqual({ a: '1' });
    expect(sim.newEvents()).toEqual(['refund.updated', 'charge.refund.updated']);
    expect((await refusal(stripe.refunds.cancel(id))).statusCode).toBe(400);
  });
});

describe('after the refund', () => {
  test('one that waits succeeds when the bank has taken it', async () => {
    const { charge } = await paid(sim, { payment_method: 'pm_card_pendingRefund' });
    const { id, status, pending_reason } = await stripe.refunds.create({ charge });
    expect([status, pending_reason]).toEqual(['pending', 'processing']);
    sim.newEvents();
    sim.advance(6 * DAY);
    const settled = await stripe.refunds.retrieve(id);
    expect(settled.status).toBe('succeeded');
    expect(settled.pending_reason).toBeUndefined();
    expect(sim.newEvents()).toEqual(['refund.updated', 'charge.refund.updated']);
  });

  test('one that cannot be placed fails, and the charge can be refunded again', async () => {
    const { charge } = await paid(sim, { payment_method: 'pm_card_refundFail' });
    const { id, status } = await stripe.refunds.create({ charge, amount: 400 });
    expect(status).toBe('succeeded');
    sim.newEvents();
    sim.advance(6 * DAY);
    const failed = await stripe.refunds.retrieve(id, { expand: ['failure_balance_transaction'] });
    expect(failed).toMatchObject({
      status: 'failed',
      failure_reason: 'expired_or_canceled_card',
      failure_balance_transaction: { type: 'refund_failure', amount: 400, source: id },
    });
    expect(sim.newEvents()).toEqual(['refund.updated', 'charge.refund.updated', 'refund.failed']);
    expect(await stripe.charges.retrieve(charge)).toMatchObject({ amount_refunded: 0, refunded: false });
  });

  test('any can be made to fail, succeed or wait for the customer by hand', async () => {
    const { charge } = await paid(sim);
    const first = await stripe.refunds.create({ charge, amount: 100 });
    await sim.control('refunds/move', { refund: first.id, to: 'failed', failure_reason: 'declined' });
    expect(await stripe.refunds.retrieve(first.id)).toMatchObject({ status: 'failed', failure_reason: 'declined' });
    const second = await stripe.refunds.create({ charge, amount: 100 });
    await sim.control('refunds/move', { refund: second.id, to: 'requires_action' });
    expect((await stripe.refunds.cancel(second.id)).status).toBe('canceled');
    expect(await stripe.charges.retrieve(charge)).toMatchObject({ amount_refunded: 0 });
  });

  test('bank debits wait', async () => {
    const { id: customer } = await stripe.customers.create({});
    const method = await stripe.paymentMethods.create({
      type: 'sepa_debit',
      sepa_debit: { iban: 'AT611904300234573201' },
      billing_details: { name: 'Ada', email: 'ada@example.com' },
    });
    const { id } = await paid(sim, { customer, payment_method: method.id, mandate_data: online });
    sim.advance(10 * DAY);
    const refund = await stripe.refunds.create({ payment_intent: id });
    expect(refund).toMatchObject({ status: 'pending', id: expect.stringMatching(/^pyr_/) });
    sim.advance(6 * DAY);
    expect((await stripe.refunds.retrieve(refund.id)).status).toBe('succeeded');
  });
});

const online: Stripe.PaymentIntentCreateParams.MandateData = {
  customer_acceptance: { type: 'online', online: { ip_address: '127.0.0.1', user_agent: 'test' } },
};

test('lists filter by charge, payment and time, newest first', async () => {
  const payment = await paid(sim);
  const first = await stripe.refunds.create({ charge: payment.charge, amount: 100 });
  const second = await stripe.refunds.create({ charge: payment.charge, amount: 100 });
  const ids = async (params: Stripe.RefundListParams): Promise<string[]> =>
    (await stripe.refunds.list(params)).data.map(({ id }) => id);
  expect(await ids({ charge: payment.charge })).toEqual([second.id, first.id]);
  expect(await ids({ payment_intent: payment.id, limit: 1 })).toEqual([second.id]);
  expect(await ids({ payment_intent: payment.id, created: { gt: second.created } })).toEqual([]);
  const charge = await stripe.charges.retrieve(payment.charge, { expand: ['refunds'] });
  expect(charge.refunds?.data.map(({ id }) => id)).toEqual([second.id, first.id]);
});
