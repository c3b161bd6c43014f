import type Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import { open, refusal, type Simulated, simulated } from '../invoicing/simulated.ts';
import { newCustomer } from './credited.ts';
import { paid } from './payments.ts';

let sim: Simulated;
let stripe: Stripe;

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
});

describe('a note on an open invoice', () => {
  test('lowers what is due, and its void raises it again', async () => {
    const { id: invoice } = await open(sim, { customer: await newCustomer(sim) });
    const note = await stripe.creditNotes.create({ invoice, amount: 300 });
    expect(note).toMatchObject({ type: 'pre_payment', pre_payment_amount: 300, post_payment_amount: 0 });
    expect(await stripe.invoices.retrieve(invoice)).toMatchObject({
      status: 'open',
      total: 1000,
      amount_due: 700,
      amount_remaining: 700,
      pre_payment_credit_notes_amount: 300,
    });
    sim.newEvents();
    expect(await stripe.creditNotes.voidCreditNote(note.id)).toMatchObject({ status: 'void' });
    expect(sim.newEvents()).toEqual(['invoice.updated', 'credit_note.voided']);
    expect(await stripe.invoices.retrieve(invoice)).toMatchObject({ amount_due: 1000, amount_remaining: 1000 });
    const paidInvoice = await stripe.invoices.pay(invoice, { payment_method: 'pm_card_visa' });
    expect(paidInvoice.amount_paid).toBe(1000);
    expect((await refusal(stripe.creditNotes.voidCreditNote(note.id))).message).toMatch(/already been voided/);
  });

  test('that leaves nothing due pays it', async () => {
    const { id: invoice } = await open(sim, { customer: await newCustomer(sim) });
    sim.newEvents();
    await stripe.creditNotes.create({ invoice, amount: 1000 });
    expect(await stripe.invoices.retrieve(invoice)).toMatchObject({ status: 'paid', amount_paid: 0, amount_due: 0 });
    expect(sim.newEvents()).toEqual(
      expect.arrayContaining(['credit_note.created', 'payment_intent.canceled', 'invoice.paid']),
    );
  });

  test('that was paid in part is split in two', async () => {
    const customer = await newCustomer(sim);
    const payment = await paid(sim, { customer, amount: 600 });
    const { id: invoice } = await open(sim, { customer });
    await stripe.invoices.attachPayment(invoice, { payment_intent: payment.id });
    expect((await refusal(stripe.creditNotes.create({ invoice, amount: 500 }))).param).toBe('out_of_band_amount');
    const note = await stripe.creditNotes.create({ invoice, amount: 500, refund_amount: 100 });
    expect(note).toMatchObject({ type: 'mixed', pre_payment_amount: 400, post_payment_amount: 100 });
    expect((await stripe.invoices.retrieve(invoice)).status).toBe('paid');
  });

  test('needs one that is finalized and not void', async () => {
    const customer = await newCustomer(sim);
    const draft = await stripe.invoices.create({ customer, currency: 'eur' });
    expect((await refusal(stripe.creditNotes.create({ invoice: draft.id, amount: 1 }))).param).toBe('invoice');
    const { id } = await open(sim, { customer });
    await stripe.invoices.voidInvoice(id);
    expect((await refusal(stripe.creditNotes.create({ invoice: id, amount: 1 }))).param).toBe('invoice');
  });
});
