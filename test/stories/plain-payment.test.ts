import { expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { expectOneInvoiceEach, untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { buy, openCheckout, payCheckout, payDirectly } from '../support/purchases.ts';
import { eventRecords, openReviews } from '../support/records.ts';
import type { ApiRequest, StripeEvent } from '../support/simulated-stripe.ts';
import { startStory } from '../support/story.ts';

/** One payment, seen from the outside: what arrives at Stripe, and what it costs. */
const { side, records } = await startStory();
const { stripe } = side;

const paid: string[] = [];

/** Waits for the invoice of a payment. @returns the requests to Stripe that were made for it */
async function invoiced(payment: string): Promise<{ reads: ApiRequest[]; writes: string[] }> {
  paid.push(payment);
  await untilSettled(records, [payment]);
  const its = (await side.requests()).filter((request) =>
    `${request.url} ${request.idempotency_key}`.includes(payment),
  );
  return {
    reads: its.filter(({ method }) => method === 'GET'),
    writes: its.filter(({ method }) => method !== 'GET').map(({ template }) => template),
  };
}

async function invoiceOf(payment: string) {
  const { stripe_invoice: id } = await records.row<{ stripe_invoice: string }>(
    'select stripe_invoice from payment_invoices where payment_intent = $1',
    [payment],
  );
  return stripe.invoices.retrieve(id, { expand: ['payments'] });
}

async function eventsOf(payment: string): Promise<StripeEvent[]> {
  const isAbout = ({ data: { object } }: StripeEvent) => object.id === payment || object.payment_intent === payment;
  return (await side.events()).filter(isAbout);
}

async function rejectedReasons(): Promise<string[] | undefined> {
  const rows = await records.rows<{ reason: string }>(
    "select reason from webhook_deliveries where verdict = 'rejected'",
  );
  return rows.length > 0 ? rows.map(({ reason }) => reason) : undefined;
}

const fourWrites = [
  '/v1/invoices',
  '/v1/invoices/{id}/add_lines',
  '/v1/invoices/{id}/finalize',
  '/v1/invoices/{id}/pay',
];

test('a customer pays: one finalized invoice in his name, paid out of band, for at most 4 reads and 4 writes', async () => {
  const customer = await stripe.customers.create({ name: 'Ada Example', email: 'ada@example.com' });
  const payment = await buy(side, { customer: customer.id });
  const { reads, writes } = await invoiced(payment);
  expect(reads.length).toBeLessThanOrEqual(4);
  expect(writes).toEqual(fourWrites);
  const invoice = await invoiceOf(payment);
  expect(invoice).toMatchObject({
    status: 'paid',
    total: 14_900,
    customer: customer.id,
    customer_name: 'Ada Example',
    lines: { data: [{ description: 'Watercolour for beginners', amount: 14_900 }] },
    metadata: { payment_intent: payment },
  });
  const attached = invoice.payments?.data.filter(({ status }) => status === 'paid');
  expect(attached, 'paid out of band: no payment is attached').toEqual([]);
  await untilEventsDone(records);
  const [counted] = await records.rows<{ calls: number }>('select sum(stripe_calls)::int as calls from event_attempts');
  expect(counted?.calls, 'all its events together cost no more').toBe(reads.length + writes.length);
});

test('a guest costs one write more: the customer that his invoice is made out to', async () => {
  const address = { line1: '1 Quay', city: 'Bremen', postal_code: '28195', country: 'DE' };
  const payment = await buy(side, {}, { email: 'guest@example.com', name: 'Grace Guest', address });
  const { reads, writes } = await invoiced(payment);
  expect(reads.length).toBeLessThanOrEqual(4);
  expect(writes).toEqual(['/v1/customers', ...fourWrites]);
  expect(await invoiceOf(payment)).toMatchObject({
    customer_name: 'Grace Guest',
    customer_email: 'guest@example.com',
    customer_address: address,
  });
});

test('two guests with one email address stay two customers', async () => {
  const payments = await Promise.all([1, 2].map(() => buy(side, {}, { email: 'same@example.com' })));
  await Promise.all(payments.map(invoiced));
  const [one, two] = await Promise.all(payments.map(invoiceOf));
  expect(one?.customer_email).toBe(two?.customer_email);
  expect(one?.customer).not.toBe(two?.customer);
});

test('a payment without Checkout becomes one line with its description', async () => {
  const customer = await stripe.customers.create({ name: 'Direct Buyer' });
  const payment = await payDirectly(side, { customer: customer.id, description: 'Order 1042' });
  const { reads, writes } = await invoiced(payment);
  expect(reads.length).toBeLessThanOrEqual(4);
  expect(writes).toEqual(fourWrites);
  expect(await invoiceOf(payment)).toMatchObject({ lines: { data: [{ description: 'Order 1042', amount: 4_900 }] } });
});

test('a card that was declined first, and 3-D Secure, make no difference', async () => {
  const { id } = await openCheckout(side);
  await side.control('POST', '/_sim/checkout/pay', { session: id, choice: 'declined' });
  await invoiced(await payCheckout(side, id));
});

test('further events of a settled payment, new ones and repeated ones, cost no request to Stripe', async () => {
  const payment = await buy(side);
  await invoiced(payment);
  await untilEventsDone(records);
  await side.forgetRequests();
  const types = ['checkout.session.completed', 'payment_intent.succeeded', 'charge.succeeded'];
  const hints = (await eventsOf(payment)).filter(({ type }) => types.includes(type));
  for (const { id } of hints) {
    await side.control('POST', '/_sim/webhooks/send', { event: id, new_id: true });
    await side.control('POST', '/_sim/webhooks/send', { event: id });
  }
  await untilEventsDone(records);
  // The booking may come while the payment is still worked on: then there is nothing to do for it.
  const stored = (await eventRecords(records)).filter(
    ({ payment_intent: about, type }) => about === payment && type !== 'charge.updated',
  );
  expect(stored.map(({ type }) => type).sort()).toEqual([...types, ...types].sort());
  expect(stored.map(({ outcome }) => outcome)).toEqual(Array(6).fill('processed'));
  expect(await side.requests()).toEqual([]);
});

test('thin events lead to the same invoice', async () => {
  await side.control('POST', '/_sim/webhooks', { paused: true });
  const payment = await buy(side);
  const types = ['checkout.session.completed', 'payment_intent.succeeded', 'charge.succeeded'];
  for (const { id, type } of await eventsOf(payment)) {
    if (types.includes(type)) await side.control('POST', '/_sim/webhooks/send', { event: id, thin: true });
  }
  await invoiced(payment);
  await untilEventsDone(records);
  const stored = (await eventRecords(records)).filter(({ payment_intent: about }) => about === payment);
  expect(stored.map(({ type }) => type).sort()).toEqual(types.map((type) => `v1.${type}`).sort());
  await side.control('POST', '/_sim/webhooks', { paused: false });
});

test('an event of the other mode is refused, and of a connected account ignored: neither leads to a request', async () => {
  await side.control('POST', '/_sim/webhooks/flush', {});
  await untilEventsDone(records);
  const [hint] = (await eventsOf(paid[0] ?? '')).filter(({ type }) => type === 'payment_intent.succeeded');
  await side.forgetRequests();
  const send = (change: object) =>
    side.control('POST', '/_sim/webhooks/send', { event: hint?.id, new_id: true, ...change });
  expect(await send({ livemode: true })).toMatchObject({ answers: [{ status: 400 }] });
  expect(await send({ account: 'acct_Connected1' })).toMatchObject({ answers: [{ status: 200 }] });
  await untilEventsDone(records);
  const ofAccount = await records.rows("select outcome, reason from stripe_events where account = 'acct_Connected1'");
  expect(ofAccount).toEqual([{ outcome: 'ignored', reason: expect.stringContaining('acct_Connected1') }]);
  const refused = await until(() => rejectedReasons(), { what: 'the refusal is on record' });
  expect(refused).toEqual(['mode']);
  expect(await side.requests()).toEqual([]);
});

test('in the end every payment has its one invoice and nobody was asked anything', async () => {
  await side.control('POST', '/_sim/webhooks/flush', {});
  await untilEventsDone(records);
  await expectOneInvoiceEach(side, records, paid);
  expect(await openReviews(records)).toEqual([]);
});
