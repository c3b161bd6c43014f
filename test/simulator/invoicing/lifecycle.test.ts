import type Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import { draft, open, refusal, type Simulated, simulated } from './simulated.ts';

let sim: Simulated;
let stripe: Stripe;
let customer: string;

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
  customer = (await stripe.customers.create({ name: 'Ada', email: 'ada@example.com' })).id;
});

describe('finalizing', () => {
  test('gives number, links and a payment that waits, and freezes the customer', async () => {
    const { id } = await stripe.customers.create({ name: 'Before', invoice_prefix: 'ACME' });
    const { id: invoiceId } = await draft(sim, { customer: id });
    sim.newEvents();
    const invoice = await stripe.invoices.finalizeInvoice(invoiceId, { auto_advance: false });
    expect(sim.newEvents()).toEqual(['payment_intent.created', 'invoice.updated', 'invoice.finalized']);
    expect(invoice).toMatchObject({ status: 'open', number: 'ACME-0001', amount_due: 1000, amount_remaining: 1000 });
    expect(invoice.hosted_invoice_url).toContain(sim.url);
    expect(invoice.effective_at).toBe(invoice.status_transitions.finalized_at);
    const { data } = await stripe.invoicePayments.list({ invoice: invoiceId });
    expect(data).toMatchObject([{ is_default: true, status: 'open', amount_requested: 1000, amount_paid: null }]);
    await stripe.customers.update(id, { name: 'After' });
    expect((await stripe.invoices.retrieve(invoiceId)).customer_name).toBe('Before');
  });

  test('numbers the invoices of one customer without a gap', async () => {
    const { id } = await stripe.customers.create({ invoice_prefix: 'SEQ', next_invoice_sequence: 41 });
    const numbers = [];
    for (let i = 0; i < 3; i++) numbers.push((await open(sim, { customer: id })).number);
    expect(numbers).toEqual(['SEQ-0041', 'SEQ-0042', 'SEQ-0043']);
  });

  test('keeps a number and a date of our own', async () => {
    const invoice = await open(sim, { customer, number: 'Q-2026-1', effective_at: 1_790_000_000 });
    expect(invoice).toMatchObject({ number: 'Q-2026-1', effective_at: 1_790_000_000 });
    const error = await refusal(stripe.invoices.create({ customer, number: 'Q-2026-1' }));
    expect(error.param).toBe('number');
  });

  test('pays what is zero at once, without a payment intent and whatever auto_advance says', async () => {
    sim.newEvents();
    const invoice = await open(sim, { customer, auto_advance: false }, 0);
    expect(invoice).toMatchObject({ status: 'paid', amount_due: 0, amount_paid: 0 });
    expect(sim.newEvents().slice(-4)).toEqual([
      'invoice.updated',
      'invoice.finalized',
      'invoice.updated',
      'invoice.paid',
    ]);
    const error = await refusal(stripe.invoices.pay(invoice.id, { paid_out_of_band: true }));
    expect(error).toMatchObject({ statusCode: 400, message: 'Invoice is already paid' });
  });
});

describe('paying', () => {
  test('out of band moves no money, cancels the waiting payment and counts in full', async () => {
    const { id } = await open(sim, { customer });
    sim.newEvents();
    const invoice = await stripe.invoices.pay(
      id,
      { paid_out_of_band: true, expand: ['amount_paid_off_stripe'] },
      { idempotencyKey: `inv:${id}:pay` },
    );
    expect(invoice).toMatchObject({
      status: 'paid',
      amount_paid: 1000,
      amount_remaining: 0,
      amount_paid_off_stripe: 1000,
    });
    expect(sim.newEvents()).toEqual(['invoice.updated', 'payment_intent.canceled', 'invoice.paid']);
    const { data } = await stripe.invoicePayments.list({ invoice: id });
    expect(data).toMatchObject([{ is_default: true, status: 'canceled' }]);
    const again = await stripe.invoices
      .pay(id, { paid_out_of_band: true }, { idempotencyKey: `inv:${id}:other` })
      .catch((e) => e);
    expect(again.message).toBe('Invoice is already paid');
  });

  test('with a card charges it', async () => {
    const { id } = await open(sim, { customer });
    sim.newEvents();
    const invoice = await stripe.invoices.pay(id, { payment_method: 'pm_card_visa' });
    expect(invoice).toMatchObject({ status: 'paid', amount_paid: 1000, attempted: true, attempt_count: 1 });
    expect(sim.newEvents()).toEqual([
      'charge.succeeded',
      'invoice.updated',
      'invoice_payment.paid',
      'invoice.paid',
      'invoice.payment_succeeded',
      'payment_intent.succeeded',
    ]);
    const [payment] = (await stripe.invoicePayments.list({ invoice: id })).data;
    expect(payment).toMatchObject({ status: 'paid', amount_paid: 1000 });
    const intent = payment?.payment.payment_intent;
    const found = await stripe.invoicePayments.list({
      payment: { type: 'payment_intent', payment_intent: `${intent}` },
    });
    expect(found.data.map(({ invoice: of }) => of)).toEqual([id]);
  });

  test('a draft finalizes it first', async () => {
    const { id } = await draft(sim, { customer });
    expect((await stripe.invoices.pay(id, { paid_out_of_band: true })).number).not.toBeNull();
  });

  test('with a card that is declined leaves it open', async () => {
    const { id } = await open(sim, { customer });
    sim.newEvents();
    const error = await refusal(stripe.invoices.pay(id, { payment_method: 'pm_card_chargeDeclinedInsufficientFunds' }));
    expect(error).toMatchObject({ statusCode: 402, code: 'card_declined', decline_code: 'insufficient_funds' });
    expect(sim.newEvents()).toEqual([
      'charge.failed',
      'invoice.updated',
      'invoice.payment_failed',
      'payment_intent.payment_failed',
    ]);
    const invoice = await stripe.invoices.retrieve(id);
    expect(invoice).toMatchObject({ status: 'open', attempt_count: 1, next_payment_attempt: null });
  });

  test('with a card whose bank wants to see the customer waits for them', async () => {
    const { id } = await open(sim, { customer });
    sim.newEvents();
    const error = await refusal(stripe.invoices.pay(id, { payment_method: 'pm_card_threeDSecure2Required' }));
    expect(error).toMatchObject({ statusCode: 402, code: 'invoice_payment_intent_requires_action' });
    expect(sim.newEvents()).toContain('invoice.payment_action_required');
  });

  test('needs something to charge', async () => {
    const { id } = await open(sim, { customer });
    expect((await refusal(stripe.invoices.pay(id))).param).toBe('payment_method');
  });
});

describe('the end of an open invoice', () => {
  test('void cancels its payment', async () => {
    const { id } = await open(sim, { customer });
    sim.newEvents();
    expect((await stripe.invoices.voidInvoice(id)).status).toBe('void');
    expect(sim.newEvents()).toEqual(['payment_intent.canceled', 'invoice.updated', 'invoice.voided']);
  });

  test('uncollectible can still be paid or voided', async () => {
    const [first, second] = [await open(sim, { customer }), await open(sim, { customer })];
    await stripe.invoices.markUncollectible(first.id);
    await stripe.invoices.markUncollectible(second.id);
    expect((await stripe.invoices.pay(first.id, { paid_out_of_band: true })).status).toBe('paid');
    expect((await stripe.invoices.voidInvoice(second.id)).status).toBe('void');
  });

  test('send finalizes and sends what is to be sent', async () => {
    const { id } = await draft(sim, { customer, collection_method: 'send_invoice', days_until_due: 7 });
    sim.newEvents();
    expect((await stripe.invoices.sendInvoice(id)).status).toBe('open');
    expect(sim.newEvents().at(-1)).toBe('invoice.sent');
    const automatic = await draft(sim, { customer });
    expect((await refusal(stripe.invoices.sendInvoice(automatic.id))).statusCode).toBe(400);
  });
});

const states: Record<string, () => Promise<Stripe.Invoice>> = {
  draft: () => draft(sim, { customer }),
  open: () => open(sim, { customer }),
  paid: async () => stripe.invoices.pay((await open(sim, { customer })).id, { paid_out_of_band: true }),
  void: async () => stripe.invoices.voidInvoice((await open(sim, { customer })).id),
  uncollectible: async () => stripe.invoices.markUncollectible((await open(sim, { customer })).id),
};

const transitions: Record<string, (id: string) => Promise<Stripe.Invoice | Stripe.DeletedInvoice>> = {
  finalize: (id) => stripe.invoices.finalizeInvoice(id),
  delete: (id) => stripe.invoices.del(id),
  edit: (id) => stripe.invoices.update(id, { description: 'x' }),
  'add a line to': (id) => stripe.invoices.addLines(id, { lines: [{ amount: 1 }] }),
  annotate: (id) => stripe.invoices.update(id, { metadata: { a: '1' } }),
  pay: (id) => stripe.invoices.pay(id, { paid_out_of_band: true }),
  void: (id) => stripe.invoices.voidInvoice(id),
  'write off': (id) => stripe.invoices.markUncollectible(id),
};

test.each([
  ['draft', 'finalize', 'open'],
  ['draft', 'delete', 'deleted'],
  ['draft', 'edit', 'draft'],
  ['draft', 'add a line to', 'draft'],
  ['draft', 'annotate', 'draft'],
  ['draft', 'pay', 'paid'],
  ['draft', 'void', /isn't open/],
  ['draft', 'write off', /isn't open/],
  ['open', 'finalize', /already finalized/],
  ['open', 'delete', /only delete draft/],
  ['open', 'edit', 'invoice_not_editable'],
  ['open', 'add a line to', 'invoice_not_editable'],
  ['open', 'annotate', 'open'],
  ['open', 'pay', 'paid'],
  ['open', 'void', 'void'],
  ['open', 'write off', 'uncollectible'],
  ['paid', 'finalize', /already finalized/],
  ['paid', 'delete', /only delete draft/],
  ['paid', 'edit', 'invoice_not_editable'],
  ['paid', 'add a line to', 'invoice_not_editable'],
  ['paid', 'annotate', 'paid'],
  ['paid', 'pay', /already paid/],
  ['paid', 'void', /isn't open/],
  ['paid', 'write off', /isn't open/],
  ['void', 'finalize', /already finalized/],
  ['void', 'delete', /only delete draft/],
  ['void', 'annotate', 'void'],
  ['void', 'pay', /no longer be paid/],
  ['void', 'void', /isn't open/],
  ['void', 'write off', /isn't open/],
  ['uncollectible', 'finalize', /already finalized/],
  ['uncollectible', 'edit', 'invoice_not_editable'],
  ['uncollectible', 'pay', 'paid'],
  ['uncollectible', 'void', 'void'],
  ['uncollectible', 'write off', /isn't open/],
])('%s: to %s gives %s', async (state, transition, outcome) => {
  const invoice = await states[state]?.();
  const attempt = transitions[transition]?.(invoice?.id ?? '') ?? Promise.reject(new Error(`No such ${transition}`));
  if (outcome instanceof RegExp || outcome === 'invoice_not_editable') {
    const { statusCode, code, message } = await refusal(attempt);
    expect(statusCode).toBe(400);
    if (outcome instanceof RegExp) expect(message).toMatch(outcome);
    else expect(code).toBe(outcome);
  } else {
    const result = await attempt;
    expect(result.deleted === true ? 'deleted' : result.status).toBe(outcome);
  }
});

test('lists filter by customer, status, method and time, newest first', async () => {
  const { id } = await stripe.customers.create({ email: 'list@example.com' });
  const paid = await open(sim, { customer: id });
  await stripe.invoices.pay(paid.id, { paid_out_of_band: true });
  const waiting = await open(sim, { customer: id });
  const sent = await draft(sim, { customer: id, collection_method: 'send_invoice', days_until_due: 1 });
  const ids = async (params: Stripe.InvoiceListParams): Promise<string[]> =>
    (await stripe.invoices.list({ customer: id, ...params })).data.map((invoice) => invoice.id);
  expect(await ids({})).toEqual([sent.id, waiting.id, paid.id]);
  expect(await ids({ status: 'paid' })).toEqual([paid.id]);
  expect(await ids({ collection_method: 'send_invoice' })).toEqual([sent.id]);
  expect(await ids({ due_date: { gt: sent.created } })).toEqual([sent.id]);
  expect(await ids({ created: { gte: paid.created } })).toHaveLength(3);
  expect(await ids({ created: { gt: sent.created } })).toEqual([]);
  expect(await ids({ limit: 1, starting_after: sent.id })).toEqual([waiting.id]);
});
