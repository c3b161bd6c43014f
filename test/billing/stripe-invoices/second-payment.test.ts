import { beforeEach, describe, expect, test } from 'vitest';
import { adjustPayment } from '../../../src/billing/adjustments/adjust-payment.ts';
import { openReviewItems } from '../../../src/billing/desk/review-items.ts';
import type { EligibilityRules } from '../../../src/billing/policy/eligibility-rules.ts';
import { decideReview } from '../../../src/billing/questions.ts';
import { askAboutSecondPayment } from '../../../src/billing/stripe-invoices/second-payment.ts';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { firstRow, rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { actingBefore } from '../../support/meddling.ts';
import { buy, payDirectly } from '../../support/purchases.ts';
import { moveRefund } from '../../support/taken-back.ts';

/**
 * A document of ours is open at Stripe until it is marked paid, and its customer can pay it there: then he has paid twice. It
 * is asked about, never taken for the payment that the document is for, nor for an invoice that Stripe made.
 */
const { deps, side } = await billingUnderTest();
const { db, stripe } = deps;

const ref = (paymentIntent: string) => ({ account: '', paymentIntent });
const settle = (payment: string) => settlePayment(ref(payment), deps);
const claimOf = (payment: string) =>
  firstRow(db, 'SELECT step, settlement, stripe_invoice FROM payment_invoices WHERE payment_intent = ?', [payment]);

beforeEach(() => rows(db, 'TRUNCATE payments, review_items CASCADE'));

/** The worker dies where the invoice would be marked paid. @returns the payment and its open document */
async function leftOpen(
  made: Promise<string> = buy(side),
): Promise<{ payment: string; invoice: string; page: string }> {
  const payment = await made;
  const dying = actingBefore('pay', deps, () => Promise.reject(new Error('the worker died')));
  await expect(settlePayment(ref(payment), dying)).rejects.toThrow('the worker died');
  const [open] = (await stripe.invoices.list({ status: 'open', limit: 1 })).data;
  return { payment, invoice: open?.id ?? '', page: open?.hosted_invoice_url ?? '' };
}

/** The customer presses a button of the page of the invoice. @returns the payment intent of the page */
async function onPage(page: string, invoice: string, choice: 'card' | 'declined' = 'card'): Promise<string> {
  await fetch(page, { method: 'POST', body: new URLSearchParams({ choice }) });
  const [payment] = (await stripe.invoicePayments.list({ invoice })).data;
  return String(payment?.payment.payment_intent);
}

const questions = async () => (await openReviewItems(db)).map(({ kind, subject }) => [kind, subject]);

async function decide(choice: string): Promise<string> {
  const [item] = await openReviewItems(db);
  return decideReview(item?.id ?? 0, { choice, actor: 'test', reason: 'the customer called' }, deps);
}

describe('a document that its customer has paid at Stripe, before it was marked paid', () => {
  test('is settled as what has paid it, and a person is asked about the second payment', async () => {
    const { payment, invoice, page } = await leftOpen();
    const second = await onPage(page, invoice);
    expect(await settle(payment)).toMatchObject({ outcome: 'processed' });
    expect(await claimOf(payment)).toMatchObject({ step: 'paid', settlement: 'second_payment' });
    expect(await questions()).toEqual([['document_paid_again', second]]);
    const [item] = await openReviewItems(db);
    expect(item?.summary).toContain(`documents payment ${payment}: the customer has paid twice`);
  });

  test('in the moment between two steps, too', async () => {
    const payment = await buy(side);
    let second = '';
    const paidMeanwhile = actingBefore('pay', deps, async () => {
      const [open] = (await stripe.invoices.list({ status: 'open' })).data;
      second = await onPage(open?.hosted_invoice_url ?? '', open?.id ?? '');
    });
    expect(await settlePayment(ref(payment), paidMeanwhile)).toMatchObject({ outcome: 'processed' });
    expect(await claimOf(payment)).toMatchObject({ settlement: 'second_payment' });
    expect(await questions()).toEqual([['document_paid_again', second]]);
  });

  test('its own event asks too, in any order, and it is asked once', async () => {
    const { payment, invoice, page } = await leftOpen();
    const second = await onPage(page, invoice);
    expect(await settle(second)).toMatchObject({ outcome: 'review' });
    expect(await settle(payment)).toMatchObject({ outcome: 'processed' });
    expect(await settle(second)).toMatchObject({ outcome: 'ignored', reason: expect.stringContaining(payment) });
    expect(await questions()).toEqual([['document_paid_again', second]]);
    expect(await firstRow(db, 'SELECT foreign_invoice FROM payments WHERE payment_intent = ?', [second])).toEqual({
      foreign_invoice: null,
    });
  });

  test('a try on the page that failed is no second payment yet, and one that works afterwards is', async () => {
    const { payment, invoice, page } = await leftOpen();
    const second = await onPage(page, invoice, 'declined');
    expect(await settle(second)).toMatchObject({ outcome: 'ignored', reason: expect.stringContaining('requires_') });
    expect(await questions()).toEqual([]);
    await onPage(page, invoice);
    expect(await settle(second)).toMatchObject({ outcome: 'review' });
    expect(await settle(payment)).toMatchObject({ outcome: 'processed' });
  });

  test('with nothing of it in our database is known by its marks', async () => {
    const { payment, invoice, page } = await leftOpen();
    const second = await onPage(page, invoice);
    await rows(db, 'TRUNCATE payments, review_items CASCADE');
    expect(await settle(second)).toMatchObject({ outcome: 'review' });
    expect(await settle(payment)).toMatchObject({ outcome: 'processed' });
    expect(await claimOf(payment)).toMatchObject({ stripe_invoice: invoice, settlement: 'second_payment' });
    expect(await questions()).toEqual([['document_paid_again', second]]);
  });
});

describe('the second payment', () => {
  async function paidTwice(): Promise<{ payment: string; second: string; invoice: string }> {
    const { payment, invoice, page } = await leftOpen();
    const second = await onPage(page, invoice);
    await settle(payment);
    return { payment, second, invoice };
  }
  const notesOn = async (invoice: string) => (await stripe.creditNotes.list({ invoice })).data;

  test('is refunded as a duplicate, once, and leaves no credit note on the only invoice', async () => {
    const { payment, second, invoice } = await paidTwice();
    expect(await decide('refund_as_duplicate')).toMatch(/^refund re_\w+ is succeeded$/);
    expect(await questions()).toEqual([]);
    expect((await stripe.refunds.list({ payment_intent: second })).data).toMatchObject([
      { reason: 'duplicate', status: 'succeeded' },
    ]);
    for (const each of [second, payment]) await adjustPayment(ref(each), deps);
    expect(await notesOn(invoice)).toEqual([]);
    const adjustments = await rows(db, 'SELECT payment_intent, decision, reason FROM adjustments');
    expect(adjustments).toMatchObject([{ payment_intent: second, decision: 'none' }]);
    expect(await questions(), 'it is not asked again').toEqual([]);
  });

  test('was refunded before the decision was noted, or by hand: it is not refunded again', async () => {
    const { second } = await paidTwice();
    const refund = await stripe.refunds.create({ payment_intent: second });
    expect(await decide('refund_as_duplicate')).toBe('it was refunded already, by hand');
    expect((await stripe.refunds.list({ payment_intent: second })).data.map(({ id }) => id)).toEqual([refund.id]);
  });

  test('whose refund was made, and answered as failed, is not refunded a second time', async () => {
    const { second } = await paidTwice();
    await side.fault({ kind: 'error_after', method: 'POST', path: '/v1/refunds', count: 1 });
    expect(await decide('refund_as_duplicate')).toMatch(/^refund re_\w+ is succeeded$/);
    await side.endFaults();
    expect((await stripe.refunds.list({ payment_intent: second })).data).toHaveLength(1);
  });

  test('whose refund does not reach the customer is asked about again, and refunded once more', async () => {
    const { second } = await paidTwice();
    await decide('refund_as_duplicate');
    await adjustPayment(ref(second), deps);
    const [first] = (await stripe.refunds.list({ payment_intent: second })).data;
    expect(await questions()).toEqual([]);
    await moveRefund(side, first?.id ?? '', 'failed');
    for (let event = 0; event < 2; event += 1) await adjustPayment(ref(second), deps);
    expect(await questions()).toEqual([['duplicate_refund_failed', first?.id]]);
    expect(await decide('refund_as_duplicate')).toMatch(/^refund re_\w+ is succeeded$/);
    await adjustPayment(ref(second), deps);
    expect(await questions()).toEqual([]);
    const refunds = (await stripe.refunds.list({ payment_intent: second })).data;
    expect(refunds.map(({ status }) => status)).toEqual(['succeeded', 'failed']);
  });

  test('that came on top of what was marked paid is on the balance of the customer: who decides is told', async () => {
    const document = { invoice: 'in_1', number: 'A-1', madeFor: 'pi_1', overpaid: 1_000, currency: 'eur' };
    await askAboutSecondPayment(db, 'pi_2', document);
    const [item] = await openReviewItems(db);
    expect(item?.summary).toContain('put EUR 10.00 on the balance');
  });

  test('is kept, and a refund of the first one still gets its credit note', async () => {
    const { payment, second, invoice } = await paidTwice();
    expect(await decide('keep_payment')).toBe('the payment stays without a document');
    await stripe.refunds.create({ payment_intent: payment, amount: 1_000 });
    await adjustPayment(ref(payment), deps);
    expect(await notesOn(invoice)).toMatchObject([{ total: 1_000, out_of_band_amount: 1_000 }]);
    // Who has it reconsidered is told what it is, and not asked again.
    expect(await settlePayment(ref(second), deps, { reconsider: true })).toMatchObject({ outcome: 'ignored' });
    expect(await questions()).toEqual([]);
  });
});

test('a payment that is attached to its own document is not skipped for it, with an empty database either', async () => {
  const { policy } = deps;
  const attaching = {
    ...deps,
    policy: { ...policy, invoicing: { ...policy.invoicing, settlement: 'attach' } },
  } as const;
  const { id: customer } = await stripe.customers.create({ name: 'Ada', email: 'ada@example.com' });
  const payment = await payDirectly(side, { customer });
  await settlePayment(ref(payment), attaching);
  const before = await claimOf(payment);
  expect(before).toMatchObject({ settlement: 'attached' });
  await rows(db, 'TRUNCATE payments CASCADE');
  const rules: EligibilityRules = { rules: [], otherwise: 'skip' };
  expect(
    await settlePayment(ref(payment), { ...attaching, policy: { ...attaching.policy, eligibility: rules } }),
  ).toMatchObject({ outcome: 'processed' });
  expect(await claimOf(payment)).toEqual(before);
});
