import type Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import { open, refusal, type Simulated, simulated } from './simulated.ts';

let sim: Simulated;
let stripe: Stripe;

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
});

async function customerWith(balance: number, currency = 'eur'): Promise<string> {
  const { id } = await stripe.customers.create({ email: 'ada@example.com' });
  if (balance !== 0) await stripe.customers.createBalanceTransaction(id, { amount: balance, currency });
  return id;
}

async function balanceOf(id: string): Promise<number> {
  const customer = await stripe.customers.retrieve(id);
  return customer.deleted === true ? Number.NaN : customer.balance;
}

const bookings = async (id: string): Promise<[string, number, number][]> =>
  (await stripe.customers.listBalanceTransactions(id)).data
    .map(({ type, amount, ending_balance }): [string, number, number] => [type, amount, ending_balance])
    .reverse();

describe("the customer's balance, in euro cents", () => {
  test.each([
    // balance, total, due, status, balance afterwards
    [0, 1000, 1000, 'open', 0],
    [-300, 1000, 700, 'open', 0],
    [300, 1000, 1300, 'open', 0],
    [-1000, 1000, 0, 'paid', 0],
    [-2500, 1000, 0, 'paid', -1500],
    [-970, 1000, 0, 'paid', 30],
    [0, 30, 0, 'paid', 30],
    [0, -400, 0, 'paid', -400],
    [-100, -400, 0, 'paid', -500],
  ])('%i before a total of %i: %i due, %s, %i left', async (before, total, due, status, after) => {
    const customer = await customerWith(before);
    const invoice = await open(sim, { customer, auto_advance: false }, total);
    expect(invoice).toMatchObject({ total, amount_due: due, status, starting_balance: before, ending_balance: after });
    expect(await balanceOf(customer)).toBe(after);
  });

  test('is booked as applied to the invoice, and a rest too small to charge as a debit', async () => {
    const customer = await customerWith(-970);
    await open(sim, { customer }, 1000);
    expect(await bookings(customer)).toEqual([
      ['adjustment', -970, -970],
      ['applied_to_invoice', 970, 0],
      ['invoice_too_small', 30, 30],
    ]);
  });

  test.each([[-300], [300]])('of %i comes back when the invoice is voided', async (before) => {
    const customer = await customerWith(before);
    const { id } = await open(sim, { customer }, 1000);
    await stripe.invoices.voidInvoice(id);
    expect(await balanceOf(customer)).toBe(before);
    expect((await bookings(customer)).at(-1)).toEqual(['unapplied_from_invoice', before, before]);
  });

  test('in another currency is left alone', async () => {
    const customer = await customerWith(-300, 'usd');
    expect(await open(sim, { customer }, 1000)).toMatchObject({ amount_due: 1000, starting_balance: 0 });
    expect(await balanceOf(customer)).toBe(-300);
  });

  test('shows on the draft before it is used', async () => {
    const customer = await customerWith(-300);
    const { id } = await stripe.invoices.create({ customer, currency: 'eur' });
    const drafted = await stripe.invoices.addLines(id, { lines: [{ amount: 1000 }] });
    expect(drafted).toMatchObject({ total: 1000, amount_due: 700, starting_balance: -300, ending_balance: null });
    expect(await balanceOf(customer)).toBe(-300);
  });
});

describe('attaching a payment', () => {
  const succeeded = (customer: string | null, amount: number, currency = 'eur'): Promise<Stripe.PaymentIntent> =>
    stripe.paymentIntents.create({
      amount,
      currency,
      ...(customer === null ? {} : { customer }),
      payment_method: 'pm_card_visa',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    });

  test('that covers the invoice pays it and cancels its own payment', async () => {
    const customer = await customerWith(0);
    const [intent, { id }] = [await succeeded(customer, 1000), await open(sim, { customer })];
    sim.newEvents();
    const invoice = await stripe.invoices.attachPayment(id, { payment_intent: intent.id, expand: ['payments'] });
    expect(invoice).toMatchObject({ status: 'paid', amount_paid: 1000, amount_overpaid: 0 });
    expect(invoice.payments?.data).toMatchObject([
      { is_default: false, status: 'paid', amount_paid: 1000, payment: { payment_intent: intent.id } },
      { is_default: true, status: 'canceled' },
    ]);
    const events = sim.newEvents();
    expect(events).toEqual(expect.arrayContaining(['invoice_payment.paid', 'payment_intent.canceled', 'invoice.paid']));
  });

  test('that is more than is due credits the rest to the customer', async () => {
    const customer = await customerWith(0);
    const [intent, { id }] = [await succeeded(customer, 1250), await open(sim, { customer })];
    sim.newEvents();
    const invoice = await stripe.invoices.attachPayment(id, { payment_intent: intent.id });
    expect(invoice).toMatchObject({ status: 'paid', amount_paid: 1000, amount_overpaid: 250 });
    expect(await bookings(customer)).toEqual([['invoice_overpaid', -250, -250]]);
    expect(sim.newEvents()).toContain('invoice.overpaid');
  });

  test('that is less leaves the rest to its own payment', async () => {
    const customer = await customerWith(0);
    const [intent, { id }] = [await succeeded(customer, 400), await open(sim, { customer })];
    const invoice = await stripe.invoices.attachPayment(id, { payment_intent: intent.id });
    expect(invoice).toMatchObject({ status: 'open', amount_paid: 400, amount_remaining: 600 });
    const [waiting] = (await stripe.invoicePayments.list({ invoice: id, status: 'open' })).data;
    expect(waiting).toMatchObject({ is_default: true, amount_requested: 600 });
    expect((await refusal(stripe.invoices.voidInvoice(id))).statusCode).toBe(400);
    const paid = await stripe.invoices.pay(id, { payment_method: 'pm_card_visa' });
    expect(paid).toMatchObject({ status: 'paid', amount_paid: 1000 });
  });

  test('that has not succeeded yet counts once it does', async () => {
    const customer = await customerWith(0);
    const { id } = await open(sim, { customer });
    const intent = await stripe.paymentIntents.create({ amount: 1000, currency: 'eur', customer });
    expect((await stripe.invoices.attachPayment(id, { payment_intent: intent.id })).status).toBe('open');
    await stripe.paymentIntents.confirm(intent.id, {
      payment_method: 'pm_card_visa',
      return_url: 'https://example.com/back',
    });
    expect((await stripe.invoices.retrieve(id)).status).toBe('paid');
  });

  test('is refused where the two do not fit together', async () => {
    const [customer, other] = [await customerWith(0), await customerWith(0)];
    const invoice = await open(sim, { customer });
    const attach = async (payment_intent: string, id = invoice.id): Promise<Stripe.errors.StripeError> =>
      refusal(stripe.invoices.attachPayment(id, { payment_intent }));
    expect((await attach((await succeeded(null, 1000)).id)).message).toMatch(/customer/);
    expect((await attach((await succeeded(other, 1000)).id)).message).toMatch(/customer/);
    expect((await attach((await succeeded(customer, 1000, 'usd')).id)).message).toMatch(/usd/);
    expect((await attach('pi_none')).code).toBe('resource_missing');
    const { data } = await stripe.invoicePayments.list({ invoice: invoice.id });
    const own = `${data[0]?.payment.payment_intent}`;
    const second = await open(sim, { customer });
    expect((await attach(own, second.id)).message).toMatch(/created by an invoice/);
    const intent = await succeeded(customer, 1000);
    await stripe.invoices.attachPayment(invoice.id, { payment_intent: intent.id });
    expect((await attach(intent.id, second.id)).message).toMatch(/fully allocated/);
    expect((await attach(intent.id)).message).toMatch(/status of paid/);
  });
});
