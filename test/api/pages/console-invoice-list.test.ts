import { expect, test } from 'vitest';
import { firstRow } from '../../../src/platform/db.ts';
import { ownInvoices } from '../../support/own-invoices.ts';
import { siteUnderTest } from './site.ts';

const site = await siteUnderTest();
const { db } = site.deps;
const { issued } = ownInvoices(site);
const operator = await site.as('operator');

test('the list of invoices finds by status, and by part of a number, a name or an address', async () => {
  await db.raw('TRUNCATE invoices CASCADE');
  const overdue = await issued({ customer_name: 'Late & Sons', due_date: '2020-01-01' });
  const fresh = await issued({ customer_name: '100%_Garden' });
  const found = async (query: string) =>
    [...(await operator(`/console/invoices?${query}`)).html.matchAll(/href="\/console\/invoices\/(inv_\w+)"/g)].map(
      ([, id]) => id,
    );
  expect(await found('')).toEqual([fresh.id, overdue.id]);
  expect(await found('status=overdue')).toEqual([overdue.id]);
  expect(await found('status=issued')).toEqual([fresh.id, overdue.id]);
  expect(await found('status=paid')).toEqual([]);
  expect(await found('status=no_such&q=late+%26')).toEqual([overdue.id]);
  expect(await found(`q=${fresh.number}`)).toEqual([fresh.id]);
  expect(await found('q=%25_')).toEqual([fresh.id]);
  expect(await found('q=%00')).toEqual([fresh.id, overdue.id]);
});

test('ids of invoices that are none lead nowhere', async () => {
  for (const id of ['inv_x', 'inv_0000000000009999', '%00', "'", '..%2f..']) {
    expect((await operator(`/console/invoices/${id}`)).status).toBe(404);
    expect((await operator(`/console/invoices/${id}/void`, { form: { reason: 'x' } })).status).toBe(404);
  }
  expect(await firstRow(db, 'SELECT 1 AS alive')).toEqual({ alive: 1 });
});
