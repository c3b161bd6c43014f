import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../../src/billing/own-invoices/invoice-input.ts';
import { addUpInvoiceSums, type InvoiceSum, invoiceSums } from '../../../src/billing/own-invoices/invoice-sums.ts';
import { amountsOfInvoice, findInvoice, markPaid, markVoid } from '../../../src/billing/own-invoices/invoices.ts';
import { issueInvoice, renewLink } from '../../../src/billing/own-invoices/manage-invoice.ts';
import { dayIn } from '../../../src/platform/business-day.ts';
import { connect, rows } from '../../../src/platform/db.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { createDraft } from '../../support/created-drafts.ts';
import { freshDatabase } from '../../support/database.ts';
import { draftDeps } from '../../support/draft-deps.ts';
import { propertyRun } from '../../support/property.ts';

const db = connect((await freshDatabase()).url, { name: 'test', connections: 4 });
releaseAfterFile(() => db.destroy());

const input = fc.record({
  customer_name: fc.constant('x'),
  currency: fc.constantFrom('eur', 'usd', 'jpy'),
  prices_include_tax: fc.boolean(),
  due_date: fc.constantFrom(null, '2020-01-01', '2020-01-02', '2099-01-01'),
  lines: fc.array(
    fc.record({
      description: fc.constant('x'),
      quantity: fc.integer({ min: 1, max: 99 }),
      unit_amount: fc.integer({ min: -5_000, max: 100_000 }),
      tax_percent: fc.constantFrom('0', '5', '7.7', '8.1', '19', '20', '33.3333'),
      optional: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  ),
});
/** What an invoice may live through. */
const life = fc.constantFrom('draft', 'void draft', 'issued', 'renewed', 'paid', 'void');

async function live(made: unknown, life: string, key: number): Promise<string | undefined> {
  let id: string;
  try {
    ({ id } = await createDraft(made, 'test', draftDeps(db)));
    if (!life.endsWith('draft')) await issueInvoice(id, { mail: false }, 'test', draftDeps(db));
  } catch (error) {
    // Some come to nothing, or less.
    if (error instanceof InvalidInput) return undefined;
    throw error;
  }
  if (life === 'renewed') await renewLink(id, 'test', 'why not', { db });
  await db.transaction(async (trx) => {
    if (life.startsWith('void')) await markVoid(trx, id);
    if (life === 'paid')
      await markPaid(trx, id, { paymentIntent: `pi_${key}`, amount: 777 + key, extras: [], paidAt: new Date() });
  });
  return id;
}

/** From the invoices themselves. */
async function truth(ids: readonly string[]): Promise<InvoiceSum[]> {
  const sums = new Map<string, InvoiceSum>();
  for (const id of ids) {
    const invoice = await findInvoice(db, id);
    if (invoice?.status !== 'issued' && invoice?.status !== 'paid') continue;
    const late = invoice.due_date?.startsWith('2020') ? 'overdue' : 'unpaid';
    const { currency } = invoice;
    const state = invoice.status === 'paid' ? 'paid' : late;
    const { count, amount } = sums.get(`${currency} ${state}`) ?? { count: 0, amount: 0n };
    const more = invoice.paid_amount ?? amountsOfInvoice(invoice).gross;
    sums.set(`${currency} ${state}`, { currency, state, count: count + 1, amount: amount + BigInt(more) });
  }
  return [...sums.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

test('the sums are those of the invoices, to the last minor unit, whatever became of them', async () => {
  const lives = fc.sample(fc.tuple(input, life), propertyRun(150));
  const ids: string[] = [];
  for (const [key, [made, its]] of lives.entries()) {
    const id = await live(made, its, key);
    if (id) ids.push(id);
    if (key % 40 === 0) await addUpInvoiceSums(db, 0);
  }
  const expected = await truth(ids);
  expect(expected.length).toBeGreaterThan(5);
  expect(await invoiceSums(db, dayIn('UTC', new Date()))).toEqual(expected);
  await addUpInvoiceSums(db, 0);
  expect(await invoiceSums(db, dayIn('UTC', new Date()))).toEqual(expected);
});

test('sums are exact beyond what a number holds', async () => {
  await rows(db, 'TRUNCATE invoice_sums');
  await rows(
    db,
    `INSERT INTO invoice_sums (currency, state, due_date, invoices, amount)
     SELECT 'idr', 'paid', NULL, 1, 999999999999 FROM generate_series(1, 10001)`,
  );
  const expected = [{ currency: 'idr', state: 'paid', count: 10_001, amount: 10_000_999_999_989_999n }];
  expect(await invoiceSums(db, dayIn('UTC', new Date()))).toEqual(expected);
  await addUpInvoiceSums(db, 0);
  expect(await invoiceSums(db, dayIn('UTC', new Date()))).toEqual(expected);
});

describe('adding up', () => {
  const left = () =>
    rows(db, 'SELECT state, due_date::text, invoices, amount FROM invoice_sums ORDER BY state, amount');
  const made = { customer_name: 'x', currency: 'eur', lines: [{ description: 'x', unit_amount: 1_000 }] };

  test('leaves a row for each day on which something unpaid is due, and none for what is settled', async () => {
    await rows(db, 'TRUNCATE invoice_sums');
    await live({ ...made, due_date: '2030-01-01' }, 'issued', 0);
    await live({ ...made, due_date: '2030-01-01' }, 'issued', 0);
    await live({ ...made, due_date: '2030-01-02' }, 'void', 0);
    await live({ ...made, due_date: '2030-01-03' }, 'paid', 9_000);
    await addUpInvoiceSums(db, 6);
    expect(await left()).toHaveLength(7);
    await addUpInvoiceSums(db, 3);
    expect(await left()).toEqual([
      { state: 'issued', due_date: '2030-01-01', invoices: 2, amount: 2_000 },
      { state: 'paid', due_date: null, invoices: 1, amount: 9_777 },
    ]);
  });

  test('by several at once, while invoices are issued, loses none and counts none twice', async () => {
    await rows(db, 'TRUNCATE invoice_sums');
    const issuing = async () => {
      for (let n = 0; n < 15; n += 1) await live(made, 'issued', 0);
    };
    const adding = async () => {
      for (let n = 0; n < 40; n += 1) await addUpInvoiceSums(db, 0);
    };
    await Promise.all([issuing(), issuing(), adding(), adding()]);
    expect(await invoiceSums(db, dayIn('UTC', new Date()))).toEqual([
      { currency: 'eur', state: 'unpaid', count: 30, amount: 30_000n },
    ]);
  });
});
