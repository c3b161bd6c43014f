import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { type PaymentLease, refOf, withPaymentLease } from '../../../src/billing/payments/payment-lease.ts';
import { recordVerdict } from '../../../src/billing/payments/payments.ts';
import { GuardFailed, markOf } from '../../../src/billing/stripe-invoices/invoice-steps.ts';
import { advance, type Claim, claimPayment, findClaim } from '../../../src/billing/stripe-invoices/payment-invoices.ts';
import { resumeClaim } from '../../../src/billing/stripe-invoices/resume-claim.ts';
import { fetchPayment, type Payment } from '../../../src/stripe/payment.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { payDirectly } from '../../support/purchases.ts';

const { deps, side } = await billingUnderTest();
const { db } = deps;
const { stripe } = side;

/** What is there at Stripe when somebody takes up the claim of a payment of 10.00 EUR. */
interface Found {
  /** What stands on its line, in minor units; none for a draft whose lines were not added yet. */
  readonly amount?: number;
  readonly currency?: string;
  readonly metadata?: Stripe.MetadataParam;
  /** What happened to it before anybody looked. */
  readonly next?: (invoice: string, customer: string) => Promise<unknown>;
}

interface Resumed {
  readonly end: Claim | GuardFailed;
  /** As it is stored afterwards. */
  readonly claim: Claim | undefined;
  /** undefined: deleted. */
  readonly invoice: Stripe.Invoice | undefined;
}

/** @param stored whether its id came to be stored, before the worker died that had made it */
async function resume({ amount, currency = 'eur', metadata, next }: Found, stored: boolean): Promise<Resumed> {
  const buyer = await stripe.customers.create({ name: 'Bella' });
  const intent = await payDirectly(side, { amount: 1_000, customer: buyer.id });
  const paid = await fetchPayment(stripe, intent);
  return withPaymentLease(db, { account: '', paymentIntent: intent }, false, async (lease) => {
    await recordVerdict(db, lease, paid, { action: 'invoice', reason: 'default' });
    const begun = await claimPayment(db, lease, { billTo: 'buyer', total: 1_000, currency: 'eur' });
    const made = await stripe.invoices.create({
      customer: buyer.id,
      currency,
      pending_invoice_items_behavior: 'exclude',
      auto_advance: false,
      metadata: { ...markOf(begun), ...metadata },
    });
    if (amount !== undefined) await stripe.invoices.addLines(made.id, { lines: [{ description: 'Course', amount }] });
    await next?.(made.id, buyer.id);
    const known = stored ? ({ step: 'drafted', customer: buyer.id, stripe_invoice: made.id } as const) : {};
    const end = await resumed(await advance(db, lease, begun, { key_version: 1, ...known }), lease, paid);
    return { end, claim: await findClaim(db, refOf(lease)), invoice: await invoiceOrGone(made.id) };
  });
}

async function resumed(begun: Claim, lease: PaymentLease, paid: Payment): Promise<Claim | GuardFailed> {
  try {
    return await resumeClaim(begun, begun.stripe_invoice ? 'invoice' : 'everything', {
      ...deps,
      settlement: 'out_of_band',
      lease,
      payment: paid,
      lines: [],
      head: {},
    });
  } catch (error) {
    if (error instanceof GuardFailed) return error;
    throw error;
  }
}

async function invoiceOrGone(id: string): Promise<Stripe.Invoice | undefined> {
  return stripe.invoices.retrieve(id).catch((error: { statusCode?: number }) => {
    if (error.statusCode === 404) return undefined;
    throw error;
  });
}

const finalize = (invoice: string) => stripe.invoices.finalizeInvoice(invoice, { auto_advance: false });
const finalizeAndVoid = async (invoice: string) => {
  await finalize(invoice);
  await stripe.invoices.voidInvoice(invoice);
};
/** The balance of the customer changes after the draft was made. */
const balance = (amount: number) => async (invoice: string, customer: string) => {
  await stripe.customers.createBalanceTransaction(customer, { amount, currency: 'eur' });
  await finalize(invoice);
};

describe.each([
  ['whose id was stored', true],
  ['that is found by its marks', false],
])('an invoice %s', (_how, stored) => {
  test.each<[string, Found, string]>([
    ['a draft without lines gets them next', {}, 'drafted'],
    ['a draft that comes to what was received is finalized next', { amount: 1_000 }, 'lined'],
    ['an open one is marked paid next', { amount: 1_000, next: finalize }, 'finalized'],
  ])('%s', async (_what, found, step) => {
    const { end, claim: its, invoice } = await resume(found, stored);
    expect(end).toMatchObject({ step, stripe_invoice: invoice?.id });
    expect(its).toMatchObject({ step, stripe_invoice: invoice?.id, key_version: 1 });
  });

  test.each<[string, Found, object]>([
    ['a draft of one minor unit less', { amount: 999 }, { total: 999, currency: 'eur' }],
    ['a draft of one minor unit more', { amount: 1_001 }, { total: 1_001, currency: 'eur' }],
    ['a draft in another currency', { amount: 1_000, currency: 'usd' }, { total: 1_000, currency: 'usd' }],
  ])('%s is deleted, a person is asked, and the claim begins anew', async (_what, what, found) => {
    const { end, claim: its, invoice } = await resume(what, stored);
    expect(end).toMatchObject({
      question: { kind: 'invoice_total_differs', details: { expected: { total: 1_000, currency: 'eur' }, found } },
    });
    expect(invoice).toBeUndefined();
    expect(its).toMatchObject({ step: 'claimed', stripe_invoice: null, key_version: 2 });
  });

  test.each<[string, number]>([
    ['credit for a part of it', -300],
    ['a debt added to it', 300],
  ])('an open one with %s is voided, and a stand-in is billed', async (_what, amount) => {
    const { end, invoice } = await resume({ amount: 1_000, next: balance(amount) }, stored);
    expect(end).toMatchObject({ step: 'claimed', bill_to: 'stand_in', customer: null, stripe_invoice: null });
    expect(invoice?.status).toBe('void');
  });

  test('one that the balance of the customer has paid is a question to a person', async () => {
    const { end, invoice } = await resume({ amount: 1_000, next: balance(-1_000) }, stored);
    expect(end).toMatchObject({ question: { kind: 'customer_balance_consumed', details: { invoice: invoice?.id } } });
    expect(invoice?.status).toBe('paid');
  });

  test('one that was marked paid before anybody could note it is settled', async () => {
    const next = async (invoice: string) => {
      await finalize(invoice);
      await stripe.invoices.pay(invoice, { paid_out_of_band: true });
    };
    const { end, invoice } = await resume({ amount: 1_000, next }, stored);
    expect(end).toMatchObject({ step: 'paid', settlement: 'out_of_band', number: invoice?.number });
  });

  test('one that was written off is a question to a person', async () => {
    const next = async (invoice: string) => {
      await finalize(invoice);
      await stripe.invoices.markUncollectible(invoice);
    };
    const { end } = await resume({ amount: 1_000, next }, stored);
    expect(end).toMatchObject({ question: { kind: 'invoice_changed_by_hand', details: { status: 'uncollectible' } } });
  });
});

describe('an invoice whose id was stored', () => {
  test('and that is deleted since: the claim begins anew with other keys', async () => {
    const { end } = await resume({ next: (invoice) => stripe.invoices.del(invoice) }, true);
    expect(end).toMatchObject({ step: 'claimed', stripe_invoice: null, key_version: 2, bill_to: 'buyer' });
  });

  test('and that a person has voided is a question to a person', async () => {
    const { end } = await resume({ amount: 1_000, next: finalizeAndVoid }, true);
    expect(end).toMatchObject({ question: { kind: 'invoice_changed_by_hand', details: { status: 'void' } } });
  });

  test('and that was voided because a balance was applied to it: a stand-in is billed', async () => {
    const next = async (invoice: string, customer: string) => {
      await balance(-300)(invoice, customer);
      await stripe.invoices.voidInvoice(invoice);
    };
    const { end } = await resume({ amount: 1_000, next }, true);
    expect(end).toMatchObject({ step: 'claimed', bill_to: 'stand_in', stripe_invoice: null });
  });
});

describe('an invoice of the same customer is left alone', () => {
  test.each<[string, Found]>([
    ['that somebody else made', { metadata: { made_by: 'somebody' } }],
    ['that was made for another payment', { metadata: { payment_intent: 'pi_other' } }],
    ['that takes back a credit note of the same payment', { metadata: { reverses: 'cn_1' } }],
    ['that was given up: it is void', { next: finalizeAndVoid }],
  ])('%s', async (_what, found) => {
    const { end, invoice } = await resume({ amount: 1_000, ...found }, false);
    expect(end).toMatchObject({ step: 'claimed', stripe_invoice: null, key_version: 1 });
    expect(invoice).toBeDefined();
  });
});
