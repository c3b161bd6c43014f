import fc from 'fast-check';
import Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { adjustPayment } from '../../../src/billing/adjustments/adjust-payment.ts';
import { openReviewItems } from '../../../src/billing/desk/review-items.ts';
import { confirmCheckout } from '../../../src/billing/own-invoices/confirm-checkout.ts';
import { findInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { voidInvoice } from '../../../src/billing/own-invoices/manage-invoice.ts';
import { paymentLogOf } from '../../../src/billing/own-invoices/payment-log.ts';
import { decideReview } from '../../../src/billing/questions.ts';
import { reconsiderPayment } from '../../../src/billing/reconsider.ts';
import { routeOf } from '../../../src/billing/stripe-events.ts';
import { findClaim } from '../../../src/billing/stripe-invoices/payment-invoices.ts';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { firstRow, rows } from '../../../src/platform/db.ts';
import { BusyError } from '../../../src/platform/errors.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { ownInvoices } from '../../support/own-invoices.ts';
import { propertyRun } from '../../support/property.ts';
import { buy, payDirectly } from '../../support/purchases.ts';

/** The documents of debits and captures bear the day on which the money came. */
const billing = await billingUnderTest();
const { deps, side } = billing;
const { db, stripe } = deps;
const { issued, opened, pay, intentOf, statusOf, logOf } = ownInvoices(billing);

/** Between order and money: small enough that all of them stay within the life of a Checkout Session. */
const GAP = 15 * 60;
const MINUTE = 60;
/** Nothing is booked before the clock is moved. */
beforeAll(() => side.control('POST', '/_sim/settings', { balance_delay_ms: MINUTE * 1_000 }));

const ref = (paymentIntent: string) => ({ account: '', paymentIntent });
const advance = (seconds: number) => side.control('POST', '/_sim/clock/advance', { seconds });
const bankAnswers = (payment: string) =>
  side.control('POST', '/_sim/payments/settle', { payment_intent: payment, outcome: 'paid' });

/** A debit that was given days before its money came. */
async function debited(): Promise<string> {
  const payment = await buy(side, {}, { choice: 'debit' });
  await advance(GAP);
  await bankAnswers(payment);
  return payment;
}

async function captured(): Promise<string> {
  const payment = await payDirectly(side, { capture_method: 'manual' });
  await advance(GAP);
  await stripe.paymentIntents.capture(payment);
  return payment;
}

async function factsOf(payment: string) {
  const intent = await stripe.paymentIntents.retrieve(payment, { expand: ['latest_charge.balance_transaction'] });
  const charge = intent.latest_charge;
  if (!charge || typeof charge === 'string') throw new Error('no charge');
  const booking = charge.balance_transaction;
  return { given: charge.created, booked: booking && typeof booking !== 'string' ? booking.created : null };
}

async function invoiceOf(payment: string) {
  const claim = await findClaim(db, ref(payment));
  return claim?.stripe_invoice ? stripe.invoices.retrieve(claim.stripe_invoice) : undefined;
}

const adjustmentsOf = (payment: string) =>
  rows(db, 'SELECT id, decision FROM adjustments WHERE payment_intent = ?', [payment]);

async function questionsAbout(payment: string) {
  return (await openReviewItems(db)).filter(({ subject }) => subject === payment);
}

/** As if it had waited for an hour. */
const waitedLong = (payment: string) =>
  rows(db, `UPDATE payments SET unbooked_since = now() - interval '61 minutes' WHERE payment_intent = ?`, [payment]);

const busy = (payment: string) => expect(settlePayment(ref(payment), deps)).rejects.toBeInstanceOf(BusyError);

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

/** What a worker does with such an event. */
async function handle(type: string, object: unknown) {
  const route = routeOf(type);
  const subject = route?.about(object);
  return route && subject && 'found' in subject ? route.useCase(subject.found, deps) : undefined;
}

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
    await busy(payment);
    await waitedLong(payment);
    await settlePayment(ref(payment), deps);
    const [question] = await questionsAbout(payment);
    const decision = { choice: 'try_again', actor: 'admin:test', reason: 'perhaps now' };
    await expect(decideReview(question?.id ?? 0, decision, deps)).rejects.toThrow('The question stays open. review: ');
    await advance(2 * MINUTE);
    expect(await decideReview(question?.id ?? 0, decision, deps)).toContain('processed');
  });

  test('who has said that it gets no invoice, and has the payment reconsidered, is asked again', async () => {
    const payment = await debited();
    await busy(payment);
    await waitedLong(payment);
    await settlePayment(ref(payment), deps);
    const [question] = await questionsAbout(payment);
    await decideReview(question?.id ?? 0, { choice: 'skip', actor: 'admin:test', reason: 'no sale' }, deps);
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
    await busy(payment);
    await waitedLong(payment);
    await settlePayment(ref(payment), deps);
    const [question] = await questionsAbout(payment);
    const decision = { choice: 'date_as_given', actor: 'admin:test', reason: 'Stripe does not tell' };
    expect(await decideReview(question?.id ?? 0, decision, deps)).toContain('processed');
    expect(await questionsAbout(payment)).toEqual([]);
    expect((await invoiceOf(payment))?.effective_at).toBe((await factsOf(payment)).given);
    await advance(2 * MINUTE);
    expect((await settlePayment(ref(payment), deps)).outcome, 'what is settled stays').toBe('processed');
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

describe('an own invoice', () => {
  async function debitOfOwn() {
    const invoice = await issued();
    const session = await opened(invoice);
    await pay(session, 'debit');
    await advance(GAP);
    const payment = await intentOf(session);
    await bankAnswers(payment);
    return { invoice, session, payment };
  }

  test('is on its way until the money is booked, and paid on that day', async () => {
    const { invoice, session, payment } = await debitOfOwn();
    expect((await confirmCheckout(session, deps)).end).toBe('processing');
    await busy(payment);
    expect(await statusOf(invoice)).toBe('issued');
    await expect(voidInvoice(invoice.id, 'test', 'wrong', deps)).rejects.toThrow('on its way');
    await advance(2 * MINUTE);
    expect((await confirmCheckout(session, deps)).end).toBe('paid');
    expect((await settlePayment(ref(payment), deps)).outcome).toBe('processed');
    const { booked } = await factsOf(payment);
    expect((await findInvoice(db, invoice.id))?.paid_at?.getTime()).toBe((booked ?? 0) * 1_000);
    expect((await invoiceOf(payment))?.effective_at).toBe(booked);
    expect(await logOf(invoice)).toEqual(['session_opened', 'processing', 'paid']);
    expect((await paymentLogOf(db, invoice.id)).at(-1)?.text).toBe('Paid EUR 288.00 by SEPA direct debit.');
    const receipt = await firstRow(db, 'SELECT data FROM messages WHERE dedupe_key = ?', [
      `mail:receipt:${invoice.id}`,
    ]);
    expect(receipt).toEqual({ data: { invoice: invoice.id, method: 'by SEPA direct debit' } });
  });

  test('waits too where its payment gets no Stripe invoice', async () => {
    const { invoice, payment } = await debitOfOwn();
    const { policy } = deps;
    const without = { ...deps, policy: { ...policy, invoicing: { ...policy.invoicing, own_payments: false } } };
    await expect(settlePayment(ref(payment), without)).rejects.toBeInstanceOf(BusyError);
    await advance(2 * MINUTE);
    expect((await settlePayment(ref(payment), without)).outcome).toBe('ignored');
    expect(await statusOf(invoice)).toBe('paid');
  });

  test('is paid on the day that a person decides on, when Stripe tells none', async () => {
    const { invoice, payment } = await debitOfOwn();
    await busy(payment);
    await waitedLong(payment);
    await settlePayment(ref(payment), deps);
    const [question] = await questionsAbout(payment);
    await decideReview(question?.id ?? 0, { choice: 'date_as_given', actor: 'admin:test', reason: 'known' }, deps);
    const { given } = await factsOf(payment);
    expect((await findInvoice(db, invoice.id))?.paid_at?.getTime()).toBe(given * 1_000);
    await advance(2 * MINUTE);
  });
});

/** What happened to a debit at Stripe, and which of its events are handled by then. */
const chargeOrIntent = z.looseObject({ id: z.string(), payment_intent: z.string().nullish() });

test('every order of its events, before and after its booking, ends with the same day', async () => {
  const story = fc.record({
    own: fc.boolean(),
    order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }),
    beforeBooking: fc.nat({ max: 8 }),
  });
  for (const { own, order, beforeBooking } of fc.sample(story, propertyRun(8))) {
    const seen = (await side.events()).length;
    const invoice = own ? await issued() : undefined;
    const session = invoice ? await opened(invoice) : undefined;
    if (session) await pay(session, 'debit');
    const payment = session ? await intentOf(session) : await buy(side, {}, { choice: 'debit' });
    await advance(GAP);
    await bankAnswers(payment);
    const happened = (await side.events()).slice(seen).filter(({ data, type }) => {
      const { id, payment_intent } = chargeOrIntent.parse(data.object);
      return routeOf(type) && (id === payment || payment_intent === payment);
    });
    let waiting: (typeof happened)[number][] = [];
    const take = async (event: (typeof happened)[number]) => {
      await handle(event.type, event.data.object).catch((error: unknown) => {
        if (!(error instanceof BusyError)) throw error;
        waiting.push(event);
      });
    };
    const inOrder = order.flatMap((place) => happened[place] ?? []);
    for (const event of inOrder.slice(0, beforeBooking)) await take(event);
    await advance(2 * MINUTE);
    const updated = (await side.events()).filter(
      ({ type, data }) => type === 'charge.updated' && chargeOrIntent.parse(data.object).payment_intent === payment,
    );
    for (const event of [...updated, ...inOrder.slice(beforeBooking)]) await take(event);
    const again = waiting;
    waiting = [];
    for (const event of again) await take(event);
    expect(waiting).toEqual([]);

    const { booked } = await factsOf(payment);
    expect((await invoiceOf(payment))?.effective_at).toBe(booked);
    if (invoice) expect((await findInvoice(db, invoice.id))?.paid_at?.getTime()).toBe((booked ?? 0) * 1_000);
  }
}, 120_000);
