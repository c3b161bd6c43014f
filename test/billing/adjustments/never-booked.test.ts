import { describe, expect, test } from 'vitest';
import { adjustPayment } from '../../../src/billing/adjustments/adjust-payment.ts';
import { decideReview } from '../../../src/billing/questions.ts';
import { reconsiderPayment } from '../../../src/billing/reconsider.ts';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { rows } from '../../../src/platform/db.ts';
import { BusyError } from '../../../src/platform/errors.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { bookedLater, MINUTE, ref } from '../../support/booked-later.ts';

const billing = await billingUnderTest();
const { deps } = billing;
const { db, stripe } = deps;
const {
  advance,
  asked,
  debited,
  captured,
  busy,
  factsOf,
  invoiceOf,
  adjustmentsOf,
  questionsAbout,
  handle,
  waitedLong,
} = bookedLater(billing);

describe('never booked', () => {
  test('the pauses grow up to five minutes', async () => {
    const payment = await debited();
    const pauses: number[] = [];
    for (const waited of [0, 10, 200, 1_000]) {
      await rows(db, 'UPDATE payments SET unbooked_since = now() - make_interval(secs => ?) WHERE payment_intent = ?', [
        waited,
        payment,
      ]);
      const error: unknown = await settlePayment(ref(payment), deps).catch((thrown: unknown) => thrown);
      pauses.push(error instanceof BusyError ? error.retryAfterMs : Number.NaN);
    }
    expect(pauses).toEqual([1_000, 10_000, 200_000, 300_000]);
    await advance(2 * MINUTE);
  });

  test('after an hour a person is asked, once; a booking that comes later settles it and answers the question', async () => {
    const payment = await debited();
    await busy(payment);
    await waitedLong(payment);
    for (let event = 0; event < 2; event += 1) {
      expect((await settlePayment(ref(payment), deps)).outcome).toBe('review');
    }
    expect((await questionsAbout(payment)).map(({ kind }) => kind)).toEqual(['payment_not_booked']);
    await advance(2 * MINUTE);
    expect((await settlePayment(ref(payment), deps)).outcome).toBe('processed');
    expect(await questionsAbout(payment)).toEqual([]);
    expect((await invoiceOf(payment))?.effective_at).toBe((await factsOf(payment)).booked);
  });

  test.each(['charge.updated', 'payment_intent.succeeded'])(
    'what was refunded meanwhile gets its credit note when %s finds it booked',
    async (type) => {
      const payment = await captured();
      await busy(payment);
      await waitedLong(payment);
      const refund = await stripe.refunds.create({ payment_intent: payment });
      await adjustPayment(ref(payment), deps);
      expect(await adjustmentsOf(payment)).toEqual([{ id: refund.id, decision: 'wait' }]);
      await advance(2 * MINUTE);
      const intent = await stripe.paymentIntents.retrieve(payment, { expand: ['latest_charge'] });
      await handle(type, type === 'charge.updated' ? intent.latest_charge : intent);
      expect(await invoiceOf(payment)).toMatchObject({ status: 'paid' });
      expect(await adjustmentsOf(payment)).toEqual([{ id: refund.id, decision: 'note' }]);
    },
  );

  test('looking again changes nothing while it is not booked: the question stays', async () => {
    const payment = await debited();
    const question = await asked(payment);
    const decision = { choice: 'try_again', actor: 'admin:test', reason: 'perhaps now' };
    await expect(decideReview(question, decision, deps)).rejects.toThrow('The question stays open. review: ');
    await advance(2 * MINUTE);
    expect(await decideReview(question, decision, deps)).toContain('processed');
  });

  test('who has said that it gets no invoice, and has the payment reconsidered, is asked again', async () => {
    const payment = await debited();
    const question = await asked(payment);
    await decideReview(question, { choice: 'skip', actor: 'admin:test', reason: 'no sale' }, deps);
    expect((await settlePayment(ref(payment), deps)).outcome).toBe('ignored');
    expect(await questionsAbout(payment)).toEqual([]);
    const by = { actor: 'admin:test', reason: 'a sale after all' };
    await expect(reconsiderPayment(ref(payment), deps, by)).rejects.toThrow('has not booked it yet');
    await waitedLong(payment);
    expect((await settlePayment(ref(payment), deps)).outcome).toBe('review');
    expect(await questionsAbout(payment)).toHaveLength(1);
    await advance(2 * MINUTE);
  });

  test('a person may date it by the day on which it was given', async () => {
    const payment = await debited();
    const question = await asked(payment);
    const decision = { choice: 'date_as_given', actor: 'admin:test', reason: 'Stripe does not tell' };
    expect(await decideReview(question, decision, deps)).toContain('processed');
    expect(await questionsAbout(payment)).toEqual([]);
    expect((await invoiceOf(payment))?.effective_at).toBe((await factsOf(payment)).given);
    await advance(2 * MINUTE);
    expect((await settlePayment(ref(payment), deps)).outcome, 'what is settled stays').toBe('processed');
  });
});
