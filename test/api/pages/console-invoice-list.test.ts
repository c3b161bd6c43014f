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
  expect(await found('page=2')).toEqual([]);
  expect(await found('page=-1')).toHaveLength(2);
});

test('the list of invoices goes on page by page', async () => {
  await db.raw(
    `INSERT INTO invoices (id, series, customer_name, currency, created_by, created_at)
       SELECT 'inv_' || lpad(n::text, 16, '0'), '2026', 'Many', 'eur', 'test', now() - make_interval(mins => n)
       FROM generate_series(1, 120) AS n`,
  );
  const rowsOn = async (page: number) =>
    (await operator(`/console/invoices?q=Many&page=${page}`)).html.match(/<tr><td/g)?.length ?? 0;
  expect([await rowsOn(1), await rowsOn(2), await rowsOn(3), await rowsOn(4)]).toEqual([50, 50, 20, 0]);
  const second = await operator('/console/invoices?q=Many&status=draft&page=2');
  expect(second.html).toContain('href="/console/invoices?status=draft&amp;q=Many&amp;page=3"');
});

test('ids of invoices that are none lead nowhere', async () => {
  for (const id of ['inv_x', 'inv_0000000000009999', '%00', "'", '..%2f..']) {
    expect((await operator(`/console/invoices/${id}`)).status).toBe(404);
    expect((await operator(`/console/invoices/${id}/void`, { form: { reason: 'x' } })).status).toBe(404);
  }
  expect(await firstRow(db, 'SELECT 1 AS alive')).toEqual({ alive: 1 });
});
