import { expect, test } from 'vitest';
import { expectOneInvoiceEach, untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { buy } from '../support/purchases.ts';
import { claimOf } from '../support/records.ts';
import { startStory } from '../support/story.ts';

/** SETTLEMENT=attach: Stripe itself shows which payment has paid the invoice, where it allows that. */
const { side, records } = await startStory({ env: { SETTLEMENT: 'attach' } });
const { stripe } = side;

async function settled(payment: string) {
  await untilSettled(records, [payment]);
  const claim = await claimOf(records, payment);
  const invoice = await stripe.invoices.retrieve(claim.stripe_invoice ?? '', { expand: ['payments'] });
  const payments = invoice.payments?.data.filter(({ status }) => status === 'paid') ?? [];
  return { claim, invoice, intents: payments.map(({ payment: { payment_intent } }) => payment_intent) };
}

test('the payment of a customer is attached to his invoice, for no more requests than out of band', async () => {
  const { id: customer } = await stripe.customers.create({ name: 'Ada Example' });
  const payment = await buy(side, { customer });
  const { claim, invoice, intents } = await settled(payment);
  expect(claim.settlement).toBe('attached');
  expect(invoice).toMatchObject({ status: 'paid', total: 14_900, amount_overpaid: 0, amount_remaining: 0 });
  expect(intents).toEqual([payment]);
  await untilEventsDone(records);
  await expectOneInvoiceEach(side, records, [payment], { settlement: 'attached' });
  const requests = await side.requests();
  expect(requests.filter(({ method }) => method === 'GET').length).toBeLessThanOrEqual(4);
  expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(4);
});

test('the payment of a guest belongs to no customer: his invoice is settled out of band, and says so', async () => {
  const payment = await buy(side, {}, { email: 'guest@example.com' });
  const { claim, invoice, intents } = await settled(payment);
  expect(claim).toMatchObject({ settlement: 'out_of_band', bill_to: 'guest' });
  expect(invoice.status).toBe('paid');
  expect(intents).toEqual([]);
});

test('so is that of a customer whose balance needs a stand-in', async () => {
  const { id: customer } = await stripe.customers.create({ name: 'Bella Balance' });
  await stripe.customers.createBalanceTransaction(customer, { amount: -1_000, currency: 'eur' });
  const { claim, intents } = await settled(await buy(side, { customer }));
  expect(claim).toMatchObject({ settlement: 'out_of_band', bill_to: 'stand_in' });
  expect(intents).toEqual([]);
  expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -1_000 });
});
