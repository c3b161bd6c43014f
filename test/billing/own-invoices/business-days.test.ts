import { describe, expect, test } from 'vitest';
import { pageOfInvoices } from '../../../src/billing/own-invoices/invoice-list.ts';
import { invoiceSums } from '../../../src/billing/own-invoices/invoice-sums.ts';
import { findInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { issueInvoice } from '../../../src/billing/own-invoices/manage-invoice.ts';
import { dayIn } from '../../../src/platform/business-day.ts';
import { connect, firstRow, rows } from '../../../src/platform/db.ts';
import { invoiceState } from '../../../src/views/invoice/invoice-state.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { createDraft, reviseDraft } from '../../support/created-drafts.ts';
import { freshDatabase } from '../../support/database.ts';
import { draftDeps } from '../../support/draft-deps.ts';
import { invoiceBody } from '../../support/recorded-invoices.ts';

/** Days of own invoices go by the time zone of the business, whatever a session of Postgres thinks. */
const { url } = await freshDatabase();
const sessionIn = (timeZone: string) => {
  const db = connect(`${url}?options=${encodeURIComponent(`-c TimeZone=${timeZone}`)}`, {
    name: timeZone,
    connections: 2,
  });
  releaseAfterFile(() => db.destroy());
  return db;
};
const zones = ['Pacific/Auckland', 'America/Los_Angeles', 'UTC', 'Europe/Berlin'] as const;
const sessions = zones.map(sessionIn);
const [db] = sessions;
if (!db) throw new Error('no session');

test('the sessions are in different time zones', async () => {
  const shown = await Promise.all(sessions.map((each) => firstRow<{ TimeZone: string }>(each, 'SHOW TimeZone')));
  expect(shown.map((row) => row?.TimeZone)).toEqual([...zones]);
});

describe('overdue', () => {
  test.each([
    // An hour before midnight in UTC: the next day already in Auckland and Berlin, the same one in Los Angeles.
    ['2026-06-30T23:00:00Z', '2026-06-30', ['Pacific/Auckland', 'Europe/Berlin']],
    ['2026-07-01T00:00:00Z', '2026-06-30', ['Pacific/Auckland', 'UTC', 'Europe/Berlin']],
    ['2026-07-01T06:59:59Z', '2026-06-30', ['Pacific/Auckland', 'UTC', 'Europe/Berlin']],
    ['2026-07-01T07:00:00Z', '2026-06-30', [...zones]],
    ['2026-06-30T11:59:59Z', '2026-06-30', []],
    ['2026-06-30T12:00:00Z', '2026-06-30', ['Pacific/Auckland']],
    // The day on which Berlin's clocks go forward has 23 hours.
    ['2026-03-29T21:59:59Z', '2026-03-29', ['Pacific/Auckland']],
    ['2026-03-29T22:00:00Z', '2026-03-29', ['Pacific/Auckland', 'Europe/Berlin']],
  ] as const)('at %s, due on %s: in %j', async (moment, due_date, overdue) => {
    const { id } = await createDraft(invoiceBody({ due_date }), 'test', draftDeps(db));
    const invoice = await issueInvoice(id, { mail: false }, 'test', draftDeps(db));
    for (const [place, timeZone] of zones.entries()) {
      const today = dayIn(timeZone, new Date(moment));
      const isOverdue = (overdue as readonly string[]).includes(timeZone);
      expect(invoiceState(invoice, undefined, today)).toBe(isOverdue ? 'overdue' : 'unpaid');
      for (const session of [sessions[place] ?? db, ...sessions]) {
        const page = await pageOfInvoices(session, { status: 'overdue' }, { limit: 100 }, today);
        expect(page?.rows.some((row) => row.id === id)).toBe(isOverdue);
        const sums = await invoiceSums(session, today);
        expect(sums.some(({ state }) => state === 'overdue')).toBe(isOverdue);
      }
    }
    await rows(db, `UPDATE invoices SET status = 'void', voided_at = now() WHERE id = ?`, [id]);
  });
});

describe('the year of a number', () => {
  const draft = (more: object = {}) => createDraft(invoiceBody(more), 'test', draftDeps(db));
  const issuedAt = async (id: string, moment: string, timeZone: string) => {
    await issueInvoice(id, { mail: false }, 'test', { ...draftDeps(db, timeZone), clock: () => new Date(moment) });
    return findInvoice(db, id);
  };

  test.each([
    ['2030-12-31T10:59:59Z', 'Pacific/Auckland', '2030'],
    ['2030-12-31T11:00:00Z', 'Pacific/Auckland', '2031'],
    ['2030-12-31T23:59:59Z', 'UTC', '2030'],
    ['2031-01-01T00:00:00Z', 'UTC', '2031'],
    ['2031-01-01T07:59:59Z', 'America/Los_Angeles', '2030'],
    ['2031-01-01T08:00:00Z', 'America/Los_Angeles', '2031'],
  ])('issued at %s in %s without a series: %s', async (moment, timeZone, year) => {
    const { id, series } = await draft();
    expect(series, 'a draft has none yet').toBeNull();
    const issued = await issuedAt(id, moment, timeZone);
    expect(issued).toMatchObject({ series: year, issued_at: new Date(moment) });
    expect(issued?.number).toMatch(new RegExp(`^${year}-\\d{5}$`));
  });

  test('a series that was given stays, also one that looks like a year', async () => {
    const { id, series } = await draft({ series: '2029' });
    expect(series).toBe('2029');
    expect((await issuedAt(id, '2031-05-01T00:00:00Z', 'UTC'))?.number).toBe('2029-00001');
  });

  test('it can be given and taken away as long as it is a draft', async () => {
    const { id } = await draft({ series: 'A' });
    expect((await reviseDraft(id, invoiceBody(), draftDeps(db))).series).toBeNull();
    expect((await reviseDraft(id, invoiceBody({ series: 'B' }), draftDeps(db))).series).toBe('B');
    expect((await issuedAt(id, '2031-05-01T00:00:00Z', 'UTC'))?.number).toBe('B-00001');
  });

  test('a draft that the release before this one has made keeps the series that it says', async () => {
    const { id } = await draft();
    await rows(db, `UPDATE invoices SET series = '2027', series_by_year = DEFAULT WHERE id = ?`, [id]);
    expect((await issuedAt(id, '2031-05-01T00:00:00Z', 'UTC'))?.number).toBe('2027-00001');
  });

  test('until it is issued its row says the year of its last change, which the release before this one goes by', async () => {
    const { id } = await draft();
    const row = await firstRow<{ series: string }>(db, 'SELECT series FROM invoices WHERE id = ?', [id]);
    expect(row?.series).toBe(dayIn('UTC', new Date()).slice(0, 4));
  });
});
