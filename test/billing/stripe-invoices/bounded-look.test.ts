import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Deps } from '../../../src/billing/deps/deps.ts';
import { earlierDocuments } from '../../../src/billing/stripe-invoices/earlier-documents.ts';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { losingAnswerOf } from '../../support/meddling.ts';
import { payDirectly } from '../../support/purchases.ts';

/**
 * Payments without an e-mail, made over the API or at a terminal: nothing but its time finds what was made for one. However
 * much else there is at Stripe, finding out costs a few requests, and nothing is made twice.
 */
const { deps, side } = await billingUnderTest();
const { db } = deps;
const { stripe } = side;

const MANY = 450;
const DAY_SECONDS = 86_400;

/** The shop goes on meanwhile. */
async function manyCustomers(count: number): Promise<void> {
  for (let made = 0; made < count; made += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, n) => stripe.customers.create({ name: `Shop ${made + n}` })));
  }
}

beforeAll(() => manyCustomers(MANY), 60_000);
beforeEach(() => rows(db, 'TRUNCATE payments, review_items CASCADE'));
afterEach(async () => {
  vi.useRealTimers();
  await side.endFaults();
});

/** As a process that has just been started: it has not looked at anything yet. */
const started = (): Deps => ({ ...deps, earlier: earlierDocuments(deps.stripe, db) });

const settle = (payment: string, using: Deps = deps) => settlePayment({ account: '', paymentIntent: payment }, using);

/** From now on the keys of all that was written are forgotten, here and at Stripe. */
async function aDayLater(): Promise<void> {
  await side.control('POST', '/_sim/clock/advance', { seconds: DAY_SECONDS });
  ahead += DAY_SECONDS;
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ahead * 1000 });
}
let ahead = 0;

/** Lists that grow with the shop; what is read of the payment itself does not. @returns how many pages were read meanwhile */
async function pagesOf(work: () => Promise<unknown>): Promise<number> {
  await side.forgetRequests();
  await work();
  const lists = (await side.requests()).filter(({ method }) => method === 'GET');
  return lists.filter(({ template }) => template === '/v1/customers' || template === '/v1/invoices').length;
}

async function expectOnce(payment: string): Promise<void> {
  const mine = ({ metadata }: { metadata: Record<string, string> | null }) => metadata?.payment_intent === payment;
  const everything = { limit: 10_000 };
  const invoices = await stripe.invoices.list({ limit: 100 }).autoPagingToArray(everything);
  const customers = await stripe.customers.list({ limit: 100 }).autoPagingToArray(everything);
  expect(invoices.filter(mine).map(({ status }) => status)).toEqual(['paid']);
  expect(customers.filter(mine)).toHaveLength(1);
}

describe.each(['customers', 'invoices'] as const)('the answer to a creation among the %s', (created) => {
  test('is lost: it is looked for before it is repeated, among what was made in these minutes', async () => {
    const payment = await payDirectly(side);
    await expect(settle(payment, losingAnswerOf(created, deps))).rejects.toThrow('the answer was lost');
    const pages = await pagesOf(async () => {
      expect(await settle(payment)).toMatchObject({ outcome: 'processed' });
    });
    await expectOnce(payment);
    expect(pages).toBeGreaterThan(0);
    expect(pages).toBeLessThanOrEqual(3);
  });

  test('is that it failed: it is looked among the customers of these minutes, or the invoices of one', async () => {
    const payment = await payDirectly(side);
    await side.fault({ kind: 'error_after', method: 'POST', path: `/v1/${created}`, count: 1 });
    await expect(settle(payment)).rejects.toThrow();
    await side.endFaults();
    const pages = await pagesOf(async () => {
      expect(await settle(payment)).toMatchObject({ outcome: 'processed' });
    });
    await expectOnce(payment);
    expect(pages).toBeLessThanOrEqual(3);
  });

  test('is lost, and nobody tries again for a day', async () => {
    const payment = await payDirectly(side);
    await expect(settle(payment, losingAnswerOf(created, deps))).rejects.toThrow('the answer was lost');
    await aDayLater();
    await manyCustomers(110);
    const pages = await pagesOf(async () => {
      expect(await settle(payment, started())).toMatchObject({ outcome: 'processed' });
    });
    await expectOnce(payment);
    expect(pages).toBeLessThanOrEqual(3);
  });
});

test('a backfill of guests reads each page of the past once, not once for each of them', async () => {
  const payments = await Promise.all(Array.from({ length: 20 }, () => payDirectly(side)));
  await aDayLater();
  const process = started();
  const pages = await pagesOf(async () => {
    for (const payment of payments) expect(await settle(payment, process)).toMatchObject({ outcome: 'processed' });
  });
  expect(pages).toBeLessThanOrEqual(2);
});

test('with an empty database the invoices of guests are found, whoever else has some', async () => {
  const payments = await Promise.all(Array.from({ length: 30 }, () => payDirectly(side)));
  await Promise.all(payments.map((payment) => settle(payment)));
  const before = (await stripe.invoices.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 })).length;
  await rows(db, 'TRUNCATE payments CASCADE');
  await aDayLater();
  const process = started();
  const pages = await pagesOf(async () => {
    for (const payment of payments.slice(0, 20))
      expect(await settle(payment, process)).toMatchObject({ outcome: 'processed' });
  });
  expect(await stripe.invoices.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 })).toHaveLength(before);
  expect(pages).toBeLessThanOrEqual(4);
}, 60_000);

test('a customer with more invoices than a page shows is looked up as well', async () => {
  const { id: customer } = await stripe.customers.create({ name: 'Ada', address: { line1: '1 Lane' } });
  const first = await payDirectly(side, { customer });
  await settle(first);
  for (let made = 0; made < 110; made += 10) {
    await Promise.all(Array.from({ length: 10 }, () => stripe.invoices.create({ customer, currency: 'eur' })));
  }
  await rows(db, 'TRUNCATE payments CASCADE');
  await aDayLater();
  expect(await settle(first, started())).toMatchObject({ outcome: 'processed' });
  const invoices = await stripe.invoices.list({ customer, limit: 100 }).autoPagingToArray({ limit: 1_000 });
  expect(invoices.filter(({ metadata }) => metadata?.payment_intent === first)).toHaveLength(1);
});
