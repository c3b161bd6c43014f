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

async function disputed(card = 'pm_card_createDispute'): Promise<Stripe.Dispute> {
  const payment = await paid(sim, { payment_method: card });
  const [dispute] = (await stripe.disputes.list({ payment_intent: payment.id })).data;
  if (dispute === undefined) throw new Error('The payment is not disputed');
  return dispute;
}

const booked = (dispute: Stripe.Dispute): [number, number][] =>
  dispute.balance_transactions.map(({ amount, fee }) => [amount, fee]);

describe('a chargeback', () => {
  test('takes the money and a fee at once', async () => {
    sim.newEvents();
    const dispute = await disputed();
    expect(sim.newEvents()).toEqual(
      expect.arrayContaining(['charge.dispute.created', 'charge.dispute.funds_withdrawn', 'payment_intent.succeeded']),
    );
    expect(dispute).toMatchObject({
      amount: 1000,
      status: 'needs_response',
      reason: 'fraudulent',
      is_charge_refundable: false,
      evidence_details: { has_evidence: false, submission_count: 0 },
    });
    expect(booked(dispute)).toEqual([[-1000, 1500]]);
    expect((await stripe.charges.retrieve(`${dispute.charge}`)).disputed).toBe(true);
    const other = await disputed('pm_card_createDisputeProductNotReceived');
    expect(other.reason).toBe('product_not_received');
  });

  test.each([
    [
      'winning_evidence',
      'won',
      [
        [-1000, 1500],
        [1000, 0],
      ],
    ],
    ['losing_evidence', 'lost', [[-1000, 1500]]],
  ])('answered with %s is %s', async (words, status, bookings) => {
    const { id } = await disputed();
    sim.newEvents();
    const answered = await stripe.disputes.update(id, { evidence: { uncategorized_text: words } });
    expect(answered).toMatchObject({ status: 'under_review', evidence_details: { submission_count: 1 } });
    sim.advance(5);
    const closed = await stripe.disputes.retrieve(id);
    expect(closed.status).toBe(status);
    expect(booked(closed)).toEqual(bookings);
    const events = sim.newEvents();
    expect(events).toContain('charge.dispute.closed');
    expect(events.includes('charge.dispute.funds_reinstated')).toBe(status === 'won');
  });

  test('waits for evidence that is only staged', async () => {
    const { id } = await disputed();
    const evidence = { customer_name: 'Ada', uncategorized_text: 'losing_evidence' };
    expect((await stripe.disputes.update(id, { evidence, submit: false })).status).toBe('needs_response');
    expect((await stripe.disputes.update(id, { metadata: { a: '1' } })).status).toBe('needs_response');
    expect((await stripe.disputes.update(id, { submit: true })).status).toBe('under_review');
    const again = stripe.disputes.update(id, { evidence: { customer_name: 'Bob' } });
    expect((await refusal(again)).param).toBe('evidence');
  });

  test('is lost when nobody answers, or when it is closed', async () => {
    const [silent, given] = [await disputed(), await disputed()];
    expect((await stripe.disputes.close(given.id)).status).toBe('lost');
    sim.advance(15 * DAY);
    const late = await stripe.disputes.retrieve(silent.id);
    expect(late).toMatchObject({ status: 'lost', evidence_details: { past_due: true } });
    expect((await refusal(stripe.disputes.close(given.id))).statusCode).toBe(400);
  });

  test('that was lost can come back as an appeal and be won', async () => {
    const { id } = await disputed();
    await stripe.disputes.close(id);
    await sim.control('disputes/move', { dispute: id, to: 'appeal_needs_response' });
    const appeal = { card: { reason_for_filing: 'winning_evidence' } };
    expect((await stripe.disputes.update(id, { evidence: { appeal } })).status).toBe('appeal_under_review');
    sim.newEvents();
    sim.advance(5);
    const won = await stripe.disputes.retrieve(id);
    expect(won.status).toBe('won');
    expect(booked(won)).toEqual([
      [-1000, 1500],
      [1000, 0],
    ]);
    expect(sim.newEvents()).toEqual([
      'charge.dispute.updated',
      'charge.dispute.funds_reinstated',
      'charge.dispute.closed',
    ]);
  });
});

describe('an inquiry', () => {
  test('moves no money and is dropped when it is closed', async () => {
    const { id, status, balance_transactions } = await disputed('pm_card_createDisputeInquiry');
    expect([status, balance_transactions]).toEqual(['warning_needs_response', []]);
    expect((await stripe.disputes.close(id)).status).toBe('warning_closed');
  });

  test('that is answered well is dropped', async () => {
    const { id } = await disputed('pm_card_createDisputeInquiry');
    await stripe.disputes.update(id, { evidence: { uncategorized_text: 'winning_evidence' } });
    sim.advance(5);
    expect((await stripe.disputes.retrieve(id)).status).toBe('warning_closed');
  });

  test('can become a chargeback', async () => {
    const { id } = await disputed('pm_card_createDisputeInquiry');
    await sim.control('disputes/move', { dispute: id, to: 'needs_response' });
    const dispute = await stripe.disputes.retrieve(id);
    expect(dispute).toMatchObject({ status: 'needs_response', is_charge_refundable: false });
    expect(booked(dispute)).toEqual([[-1000, 1500]]);
  });
});

describe('by hand', () => {
  test('any charge can be disputed, for any amount and reason', async () => {
    const payment = await paid(sim, { currency: 'jpy', amount: 5000 });
    const body = { payment_intent: payment.id, amount: 2000, reason: 'duplicate' };
    const { id } = await sim.control('disputes', body);
    const dispute = await stripe.disputes.retrieve(`${id}`);
    expect(dispute).toMatchObject({ amount: 2000, reason: 'duplicate', currency: 'jpy', charge: payment.charge });
    expect(booked(dispute)).toEqual([[-2000, 15]]);
  });

  test('a partly refunded charge is disputed for the rest', async () => {
    const { charge } = await paid(sim);
    await stripe.refunds.create({ charge, amount: 300 });
    expect(await sim.control('disputes', { charge })).toMatchObject({ amount: 700 });
  });

  test('a dispute can be prevented by a refund', async () => {
    const { charge } = await paid(sim);
    const { id } = await sim.control('disputes', { charge, status: 'prevented' });
    expect(await stripe.disputes.retrieve(`${id}`)).toMatchObject({ status: 'prevented', balance_transactions: [] });
    expect((await stripe.refunds.list({ charge })).data).toMatchObject([{ amount: 1000, reason: 'fraudulent' }]);
  });

  test('a step that disputes do not take is refused', async () => {
    const { id } = await disputed();
    const { error } = await sim.control('disputes/move', { dispute: id, to: 'warning_closed' });
    expect(error).toMatchObject({ message: expect.stringContaining('cannot become warning_closed') });
  });
});
