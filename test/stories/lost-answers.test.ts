import { expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { expectOneInvoiceEach, untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { manyPayments } from '../support/purchases.ts';
import { openReviews } from '../support/records.ts';
import type { Fault } from '../support/simulated-stripe.ts';
import { startStory } from '../support/story.ts';

/**
 * Stripe does what it is asked, and the answer never arrives, or says that it failed. With SETTLEMENT=attach one guest and
 * one customer make every call of the flow between them.
 */
const { side, records } = await startStory({ workers: 2, env: { SETTLEMENT: 'attach' } });

const reads = ['/v1/payment_intents/{id}', '/v1/checkout/sessions', '/v1/invoice_payments'];
const writes = [
  '/v1/customers',
  '/v1/invoices',
  '/v1/invoices/{id}/add_lines',
  '/v1/invoices/{id}/finalize',
  '/v1/invoices/{id}/pay',
  '/v1/invoices/{id}/attach_payment',
];
const calls = [
  ...reads.map((path) => ({ method: 'GET' as const, path })),
  ...writes.map((path) => ({ method: 'POST' as const, path })),
];

const payments: string[] = [];

/** Payments whose webhooks arrive only after the faults are set, so that the buyers don't run into them. */
async function payInto(count: number, faults: readonly Fault[]): Promise<string[]> {
  await side.control('POST', '/_sim/webhooks', { paused: true });
  const paid = await manyPayments(side, count);
  for (const fault of faults) await side.fault(fault);
  await side.control('POST', '/_sim/webhooks', { paused: false });
  payments.push(...paid);
  return paid;
}

/** Guests pay out of band, customers attached: their books are compared apart. */
async function expectAllInOrder(): Promise<void> {
  await untilSettled(records, payments, 60_000);
  await untilEventsDone(records, 30_000);
  await expectOneInvoiceEach(side, records, payments, { settlement: 'as_fits' });
  expect(await openReviews(records)).toEqual([]);
  expect((await side.stripe.events.list({ type: 'invoice.deleted' })).data).toEqual([]);
}

async function failedAttempts(): Promise<number> {
  const [row] = await records.rows<{ n: number }>(
    `select count(*)::int as n from event_attempts where ended = 'error'`,
  );
  return row?.n ?? 0;
}

test('each call is executed once and its answer dropped once: the repetition is answered by its key', async () => {
  const once = calls.map((call) => ({ kind: 'drop' as const, ...call, count: 1 }));
  await payInto(10, once);
  await untilSettled(records, payments);
  const struck = await side.struck();
  expect(struck).toBe(calls.length);
  await side.endFaults();
  expect(await failedAttempts(), 'no attempt was spent').toBe(0);
  const replayed = (await side.requests()).filter((request) => request.replayed);
  expect(replayed.map(({ template }) => template).sort()).toEqual([...writes].sort());
  await expectAllInOrder();
  console.log(`answers dropped once: ${struck} faults tried`);
}, 300_000);

test('every answer of a call is dropped until all repetitions are used up: the next attempt looks first', async () => {
  let struck = 0;
  // The last call first: whoever waits for his next attempt is past what is broken then.
  for (const call of [...calls].reverse()) {
    const before = await failedAttempts();
    await payInto(2, [{ kind: 'drop', ...call }]);
    await until(async () => (await failedAttempts()) > before, { what: `an attempt fails at ${call.path}` });
    struck += await side.struck();
    await side.endFaults();
  }
  await expectAllInOrder();
  console.log(`answers dropped until an attempt failed, at ${calls.length} calls: ${struck} faults tried`);
}, 300_000);

test('each write is executed and answers 500', async () => {
  const before = await failedAttempts();
  const once = writes.map((path) => ({ kind: 'error_after' as const, method: 'POST' as const, path, count: 1 }));
  await payInto(8, once);
  await expectAllInOrder();
  expect(await side.struck()).toBe(writes.length);
  expect(await failedAttempts()).toBe(before + writes.length);
  await side.endFaults();
  console.log(`executed and answered 500: ${writes.length} faults tried`);
}, 300_000);

test('a failure that Stripe repeats for its key, of an invoice that is not there: a new key is used', async () => {
  const [payment] = await payInto(1, [{ kind: 'error_after', method: 'POST', path: '/v1/invoices', count: 1 }]);
  // The draft of the failed request goes before anybody finds it: only the saved answer is left.
  const [draft] = await until(async () => {
    const { data } = await side.stripe.invoices.list({ status: 'draft' });
    return data.length > 0 && data;
  });
  await side.stripe.invoices.del(draft?.id ?? '');
  await side.endFaults();
  await untilSettled(records, [payment ?? '']);
  const { key_version: version } = await records.row<{ key_version: number }>(
    'select key_version from payment_invoices where payment_intent = $1',
    [payment],
  );
  expect(version).toBe(2);
  const invoices = await side.stripe.invoices.list({ limit: 1 });
  expect(invoices.data).toMatchObject([{ status: 'paid', metadata: { payment_intent: payment } }]);
}, 30_000);

test('a storm of everything at once', async () => {
  const chances: [Fault['kind'], number][] = [
    ['drop', 0.12],
    ['reset', 0.08],
    ['error_after', 0.05],
    ['error_before', 0.05],
    ['lock_timeout', 0.05],
  ];
  const storm = chances.map(([kind, rate], position) => ({ kind, path: '/v1/*', rate, seed: 17 + position }));
  await payInto(30, storm);
  await until(async () => (await side.struck()) >= 120, { timeout: 30_000 });
  const struck = await side.struck();
  await side.endFaults();
  await untilSettled(records, payments, 60_000);
  await untilEventsDone(records, 60_000);
  await expectOneInvoiceEach(side, records, payments, { settlement: 'as_fits' });
  console.log(`a storm: ${struck} faults tried`);
}, 300_000);
