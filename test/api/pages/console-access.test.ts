import { describe, expect, test } from 'vitest';
import { findInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { ownInvoices } from '../../support/own-invoices.ts';
import { typed } from './console-drafts.ts';
import { siteUnderTest } from './site.ts';

const site = await siteUnderTest();
const { db } = site.deps;
const { issued, statusOf } = ownInvoices(site);
const operator = await site.as('operator');
const viewer = await site.as('viewer');

describe('a viewer', () => {
  test('sees the rooms, without forms', async () => {
    const invoice = await issued();
    for (const path of ['', '/invoices', `/invoices/${invoice.id}`, '/reviews', '/messages']) {
      const answer = await viewer(`/console${path}`);
      expect(answer.status).toBe(200);
      expect(answer.html.match(/method="post"/g)).toHaveLength(1);
    }
    expect((await viewer('/console/invoices/new')).status).toBe(403);
  });

  test('changes nothing, whatever is sent', async () => {
    const invoice = await issued();
    const at = `/console/invoices/${invoice.id}`;
    for (const [path, form] of [
      ['/console/invoices/new', typed],
      [`${at}/edit`, typed],
      [`${at}/issue`, { mail: 'yes' }],
      [`${at}/void`, { reason: 'x' }],
      [`${at}/link`, { reason: 'x' }],
      ['/console/reviews/1', { choice: 'dismiss', reason: 'x' }],
    ] as const) {
      const answer = await viewer(path, { form });
      expect([path, answer.status]).toEqual([path, 403]);
    }
    expect(await findInvoice(db, invoice.id)).toMatchObject({ status: 'issued', link_version: 1 });
  });
});

describe('no other site', () => {
  test.each([
    ['cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['same-site', { 'sec-fetch-site': 'same-site' }],
    ['an old browser, from elsewhere', { 'sec-fetch-site': '', origin: 'https://evil.example' }],
    ['an old browser that says nothing', { 'sec-fetch-site': '' }],
  ])('can make a signed-in browser change something (%s)', async (_what, headers) => {
    const invoice = await issued();
    const answer = await operator(`/console/invoices/${invoice.id}/void`, { form: { reason: 'x' }, headers });
    expect(answer.status).toBe(403);
    expect(answer.html).toContain('This came from another site');
    expect(await statusOf(invoice)).toBe('issued');
  });
});
