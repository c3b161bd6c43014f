import fc from 'fast-check';
import { expect, test } from 'vitest';
import { overviewFigures } from '../../../src/api/console/overview-figures.ts';
import { InvalidInput } from '../../../src/billing/invoices/invoice-input.ts';
import { amountsOfInvoice, findInvoice, type OwnInvoice } from '../../../src/billing/invoices/invoices.ts';
import { createInvoice, issueInvoice } from '../../../src/billing/invoices/manage-invoice.ts';
import { connect } from '../../../src/platform/db.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { freshDatabase } from '../../support/database.ts';
import { propertyRun } from '../../support/property.ts';

const db = connect((await freshDatabase()).url, { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());

const line = fc.record({
  description: fc.constant('x'),
  quantity: fc.integer({ min: 1, max: 99 }),
  unit_amount: fc.integer({ min: -5_000, max: 100_000 }),
  tax_percent: fc.constantFrom('0', '5', '7.7', '8.1', '19', '20', '33.3333'),
  optional: fc.boolean(),
});
const input = fc.record({
  customer_name: fc.constant('x'),
  currency: fc.constantFrom('eur', 'usd', 'jpy'),
  prices_include_tax: fc.boolean(),
  due_date: fc.constantFrom(null, '2020-01-01', '2099-01-01'),
  lines: fc.array(line, { minLength: 1, maxLength: 5 }),
});

async function issuedFrom(made: unknown): Promise<OwnInvoice[]> {
  try {
    const { id } = await createInvoice(made, 'test', { db });
    return [await issueInvoice(id, { mail: false }, { db })];
  } catch (error) {
    // Some come to nothing, or less.
    if (error instanceof InvalidInput) return [];
    throw error;
  }
}

test('the sums of the overview are those of the invoices, to the last minor unit', async () => {
  const invoices = (await Promise.all(fc.sample(input, propertyRun(150)).map(issuedFrom))).flat();
  expect(invoices.length).toBeGreaterThan(50);
  const [first] = invoices;
  await db.raw(
    `UPDATE invoices SET status = 'paid', paid_at = now(), payment_intent = 'pi_1', paid_amount = 777 WHERE id = ?`,
    [first?.id ?? ''],
  );

  const expected = new Map<string, { count: number; amount: number }>();
  for (const { id } of invoices) {
    const invoice = await findInvoice(db, id);
    if (!invoice) throw new Error(`${id} is gone`);
    const late = invoice.due_date === '2020-01-01' ? 'overdue' : 'unpaid';
    const key = `${invoice.currency} ${invoice.status === 'paid' ? 'paid' : late}`;
    const { count, amount } = expected.get(key) ?? { count: 0, amount: 0 };
    expected.set(key, { count: count + 1, amount: amount + (invoice.paid_amount ?? amountsOfInvoice(invoice).gross) });
  }
  const { sums } = await overviewFigures(db);
  expect(
    new Map(sums.map(({ currency, state, count, amount }) => [`${currency} ${state}`, { count, amount }])),
  ).toEqual(expected);
});
