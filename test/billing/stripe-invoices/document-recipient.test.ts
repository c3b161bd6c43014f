import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { adjustPayment } from '../../../src/billing/adjustments/adjust-payment.ts';
import { notesOfPayment } from '../../../src/billing/adjustments/credit-notes.ts';
import { reverseNote } from '../../../src/billing/adjustments/reverse-note.ts';
import { confirmCheckout } from '../../../src/billing/own-invoices/confirm-checkout.ts';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { firstRow } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { ownInvoices } from '../../support/own-invoices.ts';
import { type BuyerParams, buy, payDirectly } from '../../support/purchases.ts';
import { moveRefund } from '../../support/taken-back.ts';

/** Who stands on the document at Stripe, and that no length or character of a text keeps it from being made. */
const billing = await billingUnderTest();
const { deps, side } = billing;
const { stripe } = deps;
const { policy } = deps;
const attaching = { ...deps, policy: { ...policy, invoicing: { ...policy.invoicing, settlement: 'attach' } } } as const;

const address = { line1: '1 Lane', city: 'York', postal_code: 'YO1 7HH', country: 'GB' };

/** @returns the invoice that the payment got, with whom it was billed to in our row */
async function documentOf(paymentIntent: string, using = deps): Promise<Stripe.Invoice & { bill_to: string }> {
  const end = await settlePayment({ account: '', paymentIntent }, using);
  expect(end).toMatchObject({ outcome: 'processed' });
  const claim = await firstRow<{ stripe_invoice: string; bill_to: string }>(
    deps.db,
    'SELECT stripe_invoice, bill_to FROM payment_invoices WHERE payment_intent = ?',
    [paymentIntent],
  );
  const invoice = await stripe.invoices.retrieve(claim?.stripe_invoice ?? '');
  expect(invoice.status).toBe('paid');
  return { ...invoice, bill_to: claim?.bill_to ?? '' };
}

describe('a text that is too long for a document, or can not be shown', () => {
  test('the name of a card holder is cut', async () => {
    const name = `${'n'.repeat(254)}💶💶`;
    const invoice = await documentOf(await buy(side, {}, { name }));
    expect(invoice.customer_name).toBe(`${'n'.repeat(254)}…`);
  });

  test('the description of a payment is cut in its line and as the memo', async () => {
    const invoice = await documentOf(await payDirectly(side, { description: 'd'.repeat(900) }));
    expect(invoice.lines.data.map(({ description }) => description)).toEqual([`${'d'.repeat(499)}…`]);
    expect(invoice.description).toBe('d'.repeat(900));
    const longer = await documentOf(await payDirectly(side, { description: 'd'.repeat(1_900) }));
    expect(longer.description).toHaveLength(1_500);
  });

  test('controls and overrides of direction are left out', async () => {
    const session = { payment_intent_data: { description: 'Course \u2066fdp.exe\u2069' } };
    const invoice = await documentOf(await buy(side, session, { name: '\u202EAda\u0007 Example' }));
    expect(invoice).toMatchObject({ customer_name: 'Ada Example', description: 'Course fdp.exe' });
  });
});

describe('a customer who does not say what Checkout collected', () => {
  const buyer: BuyerParams = { name: 'Ada Example', address };
  const vat = { type: 'gb_vat', value: 'GB123456789' };

  async function paidBy(customer: Stripe.CustomerCreateParams): Promise<{ paid: string; id: string }> {
    const { id } = await stripe.customers.create(customer);
    return { id, paid: await buy(side, { customer: id }, buyer) };
  }

  test.each<[string, Stripe.CustomerCreateParams, object]>([
    [
      'a name and an address',
      { email: 'ada@example.com' },
      { customer_name: 'Ada Example', customer_address: address },
    ],
    ['an address', { name: 'Ada' }, { customer_name: 'Ada', customer_address: address }],
    ['a name', { address: { ...address, line1: '2 Lane' } }, { customer_name: 'Ada Example' }],
  ])('%s: a stand-in is billed, and the customer of the shop is not changed', async (_what, customer, says) => {
    const { id, paid } = await paidBy(customer);
    const before = await stripe.customers.retrieve(id);
    const invoice = await documentOf(paid);
    expect(invoice).toMatchObject({ bill_to: 'stand_in', ...says });
    expect(invoice.customer).not.toBe(id);
    expect(await stripe.customers.retrieve(String(invoice.customer))).toMatchObject({
      email: customer.email ?? 'buyer@example.com',
      metadata: { stands_in_for: id, payment_intent: paid },
    });
    expect(await stripe.customers.retrieve(id)).toEqual(before);
  });

  test('with the payment attached the customer stays, and the name stands in a field of its own', async () => {
    const { id, paid } = await paidBy({ invoice_settings: { custom_fields: [{ name: 'PO', value: '4711' }] } });
    expect(await documentOf(paid, attaching)).toMatchObject({
      bill_to: 'buyer',
      customer: id,
      custom_fields: [
        { name: 'Name', value: 'Ada Example' },
        { name: 'PO', value: '4711' },
      ],
    });
  });

  test('who says it all is billed himself, and his invoice carries what his invoices carry by default', async () => {
    const settings = { custom_fields: [{ name: 'PO', value: '4711' }] };
    const { id, paid } = await paidBy({
      name: 'Ada',
      address,
      tax_id_data: [{ ...vat, type: 'gb_vat' }],
      invoice_settings: settings,
    });
    const invoice = await documentOf(paid);
    expect(invoice).toMatchObject({ bill_to: 'buyer', customer: id, customer_name: 'Ada' });
    expect(invoice.customer_tax_ids).toEqual([vat]);
  });
});

describe('the payment of an own invoice', () => {
  const { issued, opened, pay, intentOf } = ownInvoices(billing);

  test('is documented in the name and with the address of its customer, whoever holds the card', async () => {
    const own = await issued({ customer_name: 'Green Garden Ltd', customer_address: '1 Lane\nYork' });
    const session = await opened(own);
    await pay(session);
    await confirmCheckout(session, deps);
    for (const using of [deps, attaching]) {
      const invoice = await documentOf(await intentOf(session), using);
      expect(invoice).toMatchObject({
        bill_to: 'guest',
        customer_name: 'Green Garden Ltd',
        customer_email: 'garden@example.com',
        customer_address: { line1: '1 Lane', line2: 'York' },
        custom_fields: [{ name: 'Invoice', value: own.number }],
      });
    }
  });

  test('and so is what takes back a credit note of it, also when the customer made for it is gone', async () => {
    const session = await opened(await issued({ customer_name: 'Blue Lake Ltd' }));
    await pay(session);
    const payment = await intentOf(session);
    const { customer } = await documentOf(payment);
    const refund = await stripe.refunds.create({ payment_intent: payment });
    await adjustPayment({ account: '', paymentIntent: payment }, deps);
    await moveRefund(side, refund.id, 'failed');
    await adjustPayment({ account: '', paymentIntent: payment }, deps);
    await stripe.customers.del(String(customer));
    const [note] = await notesOfPayment(deps.db, { account: '', paymentIntent: payment });
    const number = await reverseNote(note?.stripe_credit_note ?? '', deps);
    const reversal = (await stripe.invoices.list({ limit: 10 })).data.find((invoice) => invoice.number === number);
    expect(reversal).toMatchObject({ status: 'paid', customer_name: 'Blue Lake Ltd' });
  });
});
