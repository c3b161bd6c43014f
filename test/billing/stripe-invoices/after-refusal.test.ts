import type Stripe from 'stripe';
import { beforeEach, describe, expect, test } from 'vitest';
import { adjustPayment } from '../../../src/billing/adjustments/adjust-payment.ts';
import { openReviewItems } from '../../../src/billing/desk/review-items.ts';
import { decideReview } from '../../../src/billing/questions.ts';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { firstRow, rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { actingBefore, type InvoiceCall } from '../../support/meddling.ts';
import { buy, payDirectly } from '../../support/purchases.ts';
import { moveRefund } from '../../support/taken-back.ts';

/**
 * Between two steps of an invoice, and between two tries, somebody else acts: the customer is deleted, the draft, the invoice is voided.
 * Stripe then refuses the next step for good, and the payment gets its one invoice all the same, or a person is asked.
 */
const { deps, side } = await billingUnderTest();
const { db, stripe } = deps;

const ref = (paymentIntent: string) => ({ account: '', paymentIntent });
const settle = (payment: string) => settlePayment(ref(payment), deps);

beforeEach(() => rows(db, 'TRUNCATE payments, review_items CASCADE'));

type Buyer = 'guest' | 'customer' | 'stand-in';

async function paidBy(buyer: Buyer): Promise<string> {
  if (buyer === 'guest') return buy(side, {}, { email: 'guest@example.com', name: 'Gast' });
  const { id } = await stripe.customers.create({ name: 'Ada Example', email: 'ada@example.com' });
  if (buyer === 'stand-in') await stripe.customers.createBalanceTransaction(id, { amount: -500, currency: 'eur' });
  return buy(side, { customer: id });
}

interface Claimed {
  readonly step: string;
  readonly bill_to: string;
  readonly customer: string | null;
  readonly stripe_invoice: string | null;
}

async function claimOf(payment: string): Promise<Claimed | undefined> {
  return firstRow<Claimed>(
    db,
    'SELECT step, bill_to, customer, stripe_invoice FROM payment_invoices WHERE payment_intent = ? AND reverses IS NULL',
    [payment],
  );
}

/** The try ends right before this call. */
async function stopAt(payment: string, call: InvoiceCall): Promise<Claimed | undefined> {
  const stopped = actingBefore(call, deps, () => Promise.reject(new Error('the worker was stopped')));
  await expect(settlePayment(ref(payment), stopped)).rejects.toThrow('the worker was stopped');
  return claimOf(payment);
}

/** Somebody does this to the invoice or the customer of the payment, right before the call, once. */
async function settleWhile(payment: string, call: InvoiceCall, act: (claim: Claimed) => Promise<unknown>) {
  let acted = false;
  const meddled = actingBefore(call, deps, async () => {
    const claim = await claimOf(payment);
    if (claim && !acted) await act(claim);
    acted = true;
  });
  return settlePayment(ref(payment), meddled);
}

/** Those of this payment, whatever became of them. */
async function invoicesOf(payment: string): Promise<Stripe.Invoice[]> {
  const { data } = await stripe.invoices.list({ limit: 100 });
  return data.filter(({ metadata }) => metadata?.payment_intent === payment && !metadata.reverses);
}

async function expectOnePaid(payment: string): Promise<Stripe.Invoice> {
  const standing = (await invoicesOf(payment)).filter(({ status }) => status !== 'void');
  expect(standing.map(({ status }) => status)).toEqual(['paid']);
  const [invoice] = standing;
  expect(await claimOf(payment)).toMatchObject({ step: 'paid', stripe_invoice: invoice?.id });
  expect(await openReviewItems(db)).toEqual([]);
  return invoice ?? expect.fail('there is no invoice');
}

const calls = ['create', 'addLines', 'finalizeInvoice', 'pay'] as const;

describe('the customer is deleted', () => {
  const buyers: Buyer[] = ['guest', 'customer', 'stand-in'];
  const cases = calls.flatMap((call) => buyers.map((buyer) => [buyer, call] as const));

  test.each(cases)('a %s, between two tries, before %s', async (buyer, call) => {
    const payment = await paidBy(buyer);
    const stopped = await stopAt(payment, call);
    await stripe.customers.del(stopped?.customer ?? '');
    expect(await settle(payment)).toMatchObject({ outcome: 'processed' });
    const invoice = await expectOnePaid(payment);
    const claim = await claimOf(payment);
    // A finalized invoice carries its recipient itself: it needs no customer any more.
    if (call === 'pay') expect(invoice.customer).toBe(stopped?.customer);
    else {
      expect(claim?.customer).not.toBe(stopped?.customer);
      expect(claim?.bill_to).toBe(buyer === 'stand-in' ? 'stand_in' : 'guest');
    }
  });

  test('while his invoice is being made', async () => {
    const payment = await paidBy('customer');
    const end = await settleWhile(payment, 'finalizeInvoice', ({ customer }) => stripe.customers.del(customer ?? ''));
    expect(end).toMatchObject({ outcome: 'processed' });
    expect((await expectOnePaid(payment)).customer_name).toBe('Ada Example');
  });

  test('before a refund: the credit note is on the invoice as it is', async () => {
    const payment = await paidBy('customer');
    await settle(payment);
    const invoice = await expectOnePaid(payment);
    await stripe.customers.del(String(invoice.customer));
    await stripe.refunds.create({ payment_intent: payment });
    await adjustPayment(ref(payment), deps);
    expect((await stripe.creditNotes.list({ invoice: invoice.id })).data).toMatchObject([{ total: 14_900 }]);
    expect(await openReviewItems(db)).toEqual([]);
  });

  test.each<Buyer>(['guest', 'customer', 'stand-in'])('before the reversal of a note: a %s', async (buyer) => {
    const payment = await paidBy(buyer);
    await settle(payment);
    const invoice = await expectOnePaid(payment);
    const refund = await stripe.refunds.create({ payment_intent: payment });
    await adjustPayment(ref(payment), deps);
    await moveRefund(side, refund.id, 'failed');
    await adjustPayment(ref(payment), deps);
    await stripe.customers.del(String(invoice.customer));
    expect(await decide('issue_reversal')).toMatch(/^reversed by invoice /);
    const { data } = await stripe.invoices.list({ limit: 100 });
    const reversals = data.filter(({ metadata }) => metadata?.payment_intent === payment && metadata.reverses);
    expect(reversals).toMatchObject([{ status: 'paid', total: 14_900 }]);
  });
});

describe('a draft is deleted by a person', () => {
  test.each(['addLines', 'finalizeInvoice'] as const)('between two tries, before %s', async (call) => {
    const payment = await paidBy('customer');
    const stopped = await stopAt(payment, call);
    await stripe.invoices.del(stopped?.stripe_invoice ?? '');
    expect(await settle(payment)).toMatchObject({ outcome: 'processed' });
    const invoice = await expectOnePaid(payment);
    expect(invoice.customer).toBe(stopped?.customer);
  });

  test('while its lines are being added: the same try makes another', async () => {
    const payment = await paidBy('customer');
    const end = await settleWhile(payment, 'addLines', ({ stripe_invoice: id }) => stripe.invoices.del(id ?? ''));
    expect(end).toMatchObject({ outcome: 'processed' });
    await expectOnePaid(payment);
  });
});

async function decide(choice: string): Promise<string> {
  const [item] = await openReviewItems(db);
  return decideReview(item?.id ?? 0, { choice, actor: 'test', reason: 'it was a mistake' }, deps);
}

describe('a finalized invoice is changed by a person between two tries', () => {
  test.each([
    ['voided', 'begin_anew', (id: string) => stripe.invoices.voidInvoice(id), 2],
    ['written off', 'accept_as_it_is', (id: string) => stripe.invoices.markUncollectible(id), 1],
    ['written off', 'begin_anew', (id: string) => stripe.invoices.markUncollectible(id), 2],
  ])(
    '%s: it is asked whether the payment needs its invoice, and %s gives it one',
    async (what, choice, change, made) => {
      const payment = await paidBy('customer');
      const stopped = await stopAt(payment, 'pay');
      await change(stopped?.stripe_invoice ?? '');
      expect(await settle(payment)).toMatchObject({ outcome: 'review', reason: expect.stringContaining(what) });
      expect(await openReviewItems(db)).toMatchObject([{ kind: 'invoice_changed_by_hand', subject: payment }]);
      expect(await decide(choice)).toMatch(/^processed: invoice /);
      await expectOnePaid(payment);
      expect(await invoicesOf(payment)).toHaveLength(made);
    },
  );

  test('voided while it is being marked paid: the same question', async () => {
    const payment = await paidBy('customer');
    const end = await settleWhile(payment, 'pay', ({ stripe_invoice: id }) => stripe.invoices.voidInvoice(id ?? ''));
    expect(end).toMatchObject({ outcome: 'review' });
    expect(await openReviewItems(db)).toMatchObject([{ kind: 'invoice_changed_by_hand' }]);
  });

  test('paid from the balance of its customer: once he has it back, the invoice is taken as it is', async () => {
    const payment = await paidBy('customer');
    const stopped = await stopAt(payment, 'finalizeInvoice');
    const customer = stopped?.customer ?? '';
    await stripe.customers.createBalanceTransaction(customer, { amount: -50_000, currency: 'eur' });
    expect(await settle(payment)).toMatchObject({ outcome: 'review' });
    expect(await openReviewItems(db)).toMatchObject([{ kind: 'customer_balance_consumed' }]);
    await stripe.customers.createBalanceTransaction(customer, { amount: -14_900, currency: 'eur' });
    expect(await decide('accept_as_it_is')).toMatch(/^processed: invoice /);
    await expectOnePaid(payment);
  });
});

describe('what Stripe refuses for another reason', () => {
  const paths = ['', '/{id}/add_lines', '/{id}/finalize', '/{id}/pay'].map((path) => `/v1/invoices${path}`);
  test.each([...paths, '/v1/customers'])('at %s: a person is asked, and can have it tried again', async (path) => {
    const payment = await payDirectly(side, { description: 'Course' });
    await side.fault({ kind: 'refuse', method: 'POST', path });
    expect(await settle(payment)).toMatchObject({ outcome: 'review' });
    await side.endFaults();
    expect(await openReviewItems(db)).toMatchObject([{ kind: 'invoice_refused', subject: payment }]);
    expect(await decide('try_again')).toMatch(/^processed: invoice /);
    await expectOnePaid(payment);
  });
});
