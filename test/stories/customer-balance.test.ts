import { expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { expectOneInvoiceEach, untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { buy } from '../support/purchases.ts';
import { claimOf, openReviews } from '../support/records.ts';
import { startStory } from '../support/story.ts';

/**
 * Stripe applies a customer's balance to the next invoice that is finalized, whatever it is for. What was paid already must
 * neither use up his credit nor collect his debt.
 */
const { side, records } = await startStory();
const { stripe } = side;

const paid: string[] = [];
const balances: Record<string, number> = {};
let voided = 0;

async function customerWith(balance: number): Promise<string> {
  const { id } = await stripe.customers.create({ name: 'Bella Balance', email: 'bella@example.com' });
  if (balance !== 0) await changeBalance(id, balance);
  return id;
}

async function changeBalance(customer: string, amount: number): Promise<void> {
  await stripe.customers.createBalanceTransaction(customer, { amount, currency: 'eur' });
  balances[customer] = (balances[customer] ?? 0) + amount;
}

/** The buyer's balance changes while his draft is already there, after it was read and before the invoice is finalized. */
async function buyWhileBalanceChanges(customer: string, amount: number): Promise<string> {
  await side.fault({
    kind: 'latency',
    method: 'POST',
    path: '/v1/invoices/{id}/add_lines',
    where: 'before',
    ms: 800,
    count: 1,
  });
  const payment = await buy(side, { customer });
  await until(async () => (await stripe.invoices.list({ customer, status: 'draft' })).data.length === 1);
  await changeBalance(customer, amount);
  await side.endFaults();
  return payment;
}

async function settled(payment: string) {
  paid.push(payment);
  await untilSettled(records, [payment]);
  const claim = await claimOf(records, payment);
  return { claim, invoice: await stripe.invoices.retrieve(claim.stripe_invoice ?? '') };
}

test.each([
  ['credit that would cover a part', -5_000],
  ['credit that would cover all of it', -50_000],
  ['a debt', 3_000],
])('a customer with %s keeps it: a stand-in with his name is billed', async (_, balance) => {
  const customer = await customerWith(balance);
  const { claim, invoice } = await settled(await buy(side, { customer }));
  expect(claim.bill_to).toBe('stand_in');
  expect(invoice).toMatchObject({
    customer_name: 'Bella Balance',
    customer_email: 'bella@example.com',
    status: 'paid',
  });
  const standIn = await stripe.customers.retrieve(claim.customer ?? '');
  expect(standIn).toMatchObject({ balance: 0, metadata: { stands_in_for: customer } });
});

test.each([
  ['credit for a part', -5_000],
  ['a debt', 3_000],
])('%s that appears after the draft was made is given back: the invoice is voided and made anew', async (_, amount) => {
  const customer = await customerWith(0);
  const { claim, invoice } = await settled(await buyWhileBalanceChanges(customer, amount));
  voided += 1;
  expect(claim).toMatchObject({ bill_to: 'stand_in', key_version: 2 });
  expect(invoice).toMatchObject({ status: 'paid', customer_name: 'Bella Balance' });
  const given = await stripe.customers.listBalanceTransactions(customer);
  expect(given.data.map(({ type }) => type)).toEqual(['unapplied_from_invoice', 'applied_to_invoice', 'adjustment']);
});

test('in the end each payment has its one invoice and each customer the balance that he had', async () => {
  await untilEventsDone(records);
  await expectOneInvoiceEach(side, records, paid, { balances, voided });
  expect(await openReviews(records)).toEqual([]);
});

test('credit that has paid the invoice before anybody could look is a question to a person', async () => {
  const customer = await customerWith(0);
  const payment = await buyWhileBalanceChanges(customer, -50_000);
  const [question] = await until(() => openReviews(records).then((open) => open.length > 0 && open));
  expect(question).toMatchObject({ kind: 'customer_balance_consumed', subject: payment });
  expect(question?.summary).toContain('Give the customer his balance back');
  await untilEventsDone(records);
  // `charge.updated` may come before or after: it is about payments that wait for their booking only.
  const outcomes = await records.rows(
    `select distinct outcome from stripe_events where payment_intent = $1 and type <> 'charge.updated'`,
    [payment],
  );
  expect(outcomes).toEqual([{ outcome: 'review' }]);
  expect(await openReviews(records), 'three events ask one question').toHaveLength(1);
});
