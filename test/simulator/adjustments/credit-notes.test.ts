import type Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import { refusal, type Simulated, simulated } from '../invoicing/simulated.ts';
import { paidByCard, paidElsewhere } from './credited.ts';
import { paid } from './payments.ts';

let sim: Simulated;
let stripe: Stripe;

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
});

describe('a note on an invoice that was paid elsewhere', () => {
  test('says that the money goes back elsewhere, and is numbered after its invoice', async () => {
    const invoice = await paidElsewhere(sim, 1000);
    sim.newEvents();
    const note = await stripe.creditNotes.create({
      invoice: invoice.id,
      amount: 300,
      out_of_band_amount: 300,
      reason: 'order_change',
      memo: 'Refund of one seat',
      metadata: { refund: 're_1' },
      effective_at: 1_790_000_000,
      email_type: 'none',
    });
    expect(sim.newEvents()).toEqual(['invoice.updated', 'credit_note.created']);
    expect(note).toMatchObject({
      number: `${invoice.number}-CN-01`,
      total: 300,
      type: 'post_payment',
      post_payment_amount: 300,
      pre_payment_amount: 0,
      out_of_band_amount: 300,
      status: 'issued',
      refunds: [],
      effective_at: 1_790_000_000,
    });
    expect(
      (await stripe.creditNotes.create({ invoice: invoice.id, amount: 700, out_of_band_amount: 700 })).number,
    ).toBe(`${invoice.number}-CN-02`);
    const after = await stripe.invoices.retrieve(invoice.id);
    expect(after).toMatchObject({ status: 'paid', amount_paid: 1000, post_payment_credit_notes_amount: 1000 });
    expect((await fetch(note.pdf)).status).toBe(200);
  });

  test('cannot exceed it together with the others', async () => {
    const { id: invoice } = await paidElsewhere(sim, 1000);
    await stripe.creditNotes.create({ invoice, amount: 600, out_of_band_amount: 600 });
    const error = await refusal(stripe.creditNotes.create({ invoice, amount: 401, out_of_band_amount: 401 }));
    expect(error).toMatchObject({ statusCode: 400, param: 'amount' });
    expect(error.message).toContain('€4.00');
  });

  test.each([
    [{}, 'amount'],
    [{ amount: 300 }, 'out_of_band_amount'],
    [{ amount: 300, out_of_band_amount: 299 }, 'out_of_band_amount'],
    [{ amount: 300, out_of_band_amount: 200, credit_amount: 200 }, 'out_of_band_amount'],
    [{ amount: 300, refund_amount: 300 }, 'refund_amount'],
    [{ amount: 0 }, 'amount'],
    [{ amount: 300, refunds: [{ refund: 're_none', amount_refunded: 300 }] }, 'refunds[0][refund]'],
    [{ lines: [{ type: 'custom_line_item' as const, unit_amount: 0 }] }, 'lines'],
    [{ amount: 5, lines: [{ type: 'custom_line_item' as const, unit_amount: 6 }], out_of_band_amount: 6 }, 'amount'],
    [
      { lines: [{ type: 'invoice_line_item' as const, invoice_line_item: 'il_none', amount: 5 }] },
      'lines[0][invoice_line_item]',
    ],
    [{ lines: [{ type: 'invoice_line_item' as const, amount: 5 }] }, 'lines[0][invoice_line_item]'],
    [{ lines: [{ type: 'custom_line_item' as const, amount: 5 }] }, 'lines[0][amount]'],
    [{ shipping_cost: { shipping_rate: 'shr_1' } }, 'shipping_cost'],
  ])('is refused with %j', async (params, param) => {
    const { id: invoice } = await paidElsewhere(sim, 1000);
    expect(await refusal(stripe.creditNotes.create({ invoice, ...params }))).toMatchObject({ statusCode: 400, param });
    expect((await stripe.creditNotes.list({ invoice })).data).toEqual([]);
  });

  test('is final: it cannot be voided, and only memo and metadata change', async () => {
    const { id: invoice } = await paidElsewhere(sim, 1000);
    const { id } = await stripe.creditNotes.create({ invoice, amount: 300, out_of_band_amount: 300 });
    const error = await refusal(stripe.creditNotes.voidCreditNote(id));
    expect(error.message).toBe('You can only void a credit note if the associated invoice is open.');
    sim.newEvents();
    const updated = await stripe.creditNotes.update(id, { memo: 'New', metadata: { a: '1' } });
    expect(updated).toMatchObject({ memo: 'New', metadata: { a: '1' } });
    expect(sim.newEvents()).toEqual(['credit_note.updated']);
  });
});

describe('money that goes back', () => {
  test('to the balance of the customer', async () => {
    const invoice = await paidElsewhere(sim, 1000);
    const note = await stripe.creditNotes.create({
      invoice: invoice.id,
      amount: 300,
      credit_amount: 100,
      out_of_band_amount: 200,
      expand: ['customer_balance_transaction'],
    });
    expect(note.customer_balance_transaction).toMatchObject({
      amount: -100,
      type: 'credit_note',
      credit_note: note.id,
    });
    expect(await stripe.customers.retrieve(`${invoice.customer}`)).toMatchObject({ balance: -100 });
  });

  test('by a new refund of the payment', async () => {
    const { invoice, payment } = await paidByCard(sim);
    sim.newEvents();
    const note = await stripe.creditNotes.create({
      invoice: invoice.id,
      amount: 400,
      refund_amount: 400,
      expand: ['refunds.refund'],
    });
    expect(sim.newEvents()).toEqual(['refund.created', 'charge.refunded', 'invoice.updated', 'credit_note.created']);
    expect(note.refunds).toMatchObject([{ amount_refunded: 400, refund: { amount: 400, charge: payment.charge } }]);
  });

  test('by a refund that was made before: it is linked, and no money moves', async () => {
    const { invoice, payment } = await paidByCard(sim);
    const refund = await stripe.refunds.create({ payment_intent: payment.id, amount: 400 });
    sim.newEvents();
    const note = await stripe.creditNotes.create({
      invoice: invoice.id,
      amount: 400,
      refunds: [{ refund: refund.id, amount_refunded: 400 }],
    });
    expect(note.refunds).toMatchObject([{ refund: refund.id, amount_refunded: 400, type: 'refund' }]);
    expect(sim.newEvents()).toEqual(['invoice.updated', 'credit_note.created']);
    expect((await stripe.refunds.list({ payment_intent: payment.id })).data).toHaveLength(1);
    const again = stripe.creditNotes.create({
      invoice: invoice.id,
      amount: 1,
      refunds: [{ refund: refund.id, amount_refunded: 1 }],
    });
    expect((await refusal(again)).param).toBe('refunds[0][amount_refunded]');
  });

  test('is not linked where the refund is of another payment, or of none of this invoice', async () => {
    const { invoice } = await paidByCard(sim);
    const other = await paid(sim);
    const refund = await stripe.refunds.create({ payment_intent: other.id, amount: 100 });
    const link = { amount: 100, refunds: [{ refund: refund.id, amount_refunded: 100 }] };
    expect((await refusal(stripe.creditNotes.create({ invoice: invoice.id, ...link }))).param).toBe(
      'refunds[0][refund]',
    );
    const elsewhere = await paidElsewhere(sim, 1000);
    const error = await refusal(stripe.creditNotes.create({ invoice: elsewhere.id, ...link }));
    expect(error.param).toBe('refunds[0][refund]');
  });

  test('counts against the cap when no note speaks of it', async () => {
    const { invoice, payment } = await paidByCard(sim);
    await stripe.refunds.create({ payment_intent: payment.id, amount: 700 });
    const error = await refusal(stripe.creditNotes.create({ invoice: invoice.id, amount: 400, credit_amount: 400 }));
    expect(error.message).toContain('€3.00');
    expect((await stripe.creditNotes.create({ invoice: invoice.id, amount: 300, credit_amount: 300 })).total).toBe(300);
  });

  test('cannot be linked when it never arrived', async () => {
    const { invoice, payment } = await paidByCard(sim);
    const refund = await stripe.refunds.create({ payment_intent: payment.id, amount: 400 });
    await sim.control('refunds/move', { refund: refund.id, to: 'failed' });
    const link = { refund: refund.id, amount_refunded: 400 };
    const error = await refusal(stripe.creditNotes.create({ invoice: invoice.id, amount: 400, refunds: [link] }));
    expect(error.param).toBe('refunds[0][refund]');
  });
});

test('lists filter by invoice, customer and time', async () => {
  const invoice = await paidElsewhere(sim, 1000);
  const first = await stripe.creditNotes.create({ invoice: invoice.id, amount: 1, out_of_band_amount: 1 });
  const second = await stripe.creditNotes.create({ invoice: invoice.id, amount: 2, out_of_band_amount: 2 });
  const ids = async (params: Stripe.CreditNoteListParams): Promise<string[]> =>
    (await stripe.creditNotes.list(params)).data.map(({ id }) => id);
  expect(await ids({ invoice: invoice.id })).toEqual([second.id, first.id]);
  expect(await ids({ customer: `${invoice.customer}` })).toEqual([second.id, first.id]);
  expect(await ids({ invoice: invoice.id, created: { gt: second.created } })).toEqual([]);
});
