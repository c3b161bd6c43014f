import { describe, expect, test } from 'vitest';
import { listInvoices } from '../../../src/billing/own-invoices/invoice-list.ts';
import { saveAdmin } from '../../../src/billing/people/admins.ts';
import { cookieOf } from '../../support/browse.ts';
import { textOf } from '../../views/example-invoice.ts';
import { typed } from './console-drafts.ts';
import { siteUnderTest } from './site.ts';

const site = await siteUnderTest();
const { db } = site.deps;
const operator = await site.as('operator');

describe('a draft that is saved twice from the same page', () => {
  /** As the browser gets it, with its token. */
  async function page(): Promise<Record<string, string>> {
    const { html } = await operator('/console/invoices/new');
    return { ...typed, form: /name="form" value="([^"]+)"/.exec(html)?.[1] ?? 'no token' };
  }
  const save = (form: Record<string, string>, by = operator) => by('/console/invoices/new', { form });
  const count = async () => (await listInvoices(db, {}, '2026-01-01')).length;

  test('at once, or later, is one draft, and every press lands on it', async () => {
    const before = await count();
    const form = await page();
    const answers = await Promise.all(Array.from({ length: 5 }, () => save(form)));
    answers.push(await save(form));
    expect(new Set(answers.map(({ status, location }) => `${status} ${location}`)).size).toBe(1);
    expect(answers[0]?.location).toMatch(/^\/console\/invoices\/inv_\w+\?done=created$/);
    expect(await count()).toBe(before + 1);
  });

  test('is saved by the second press when the first one had a problem', async () => {
    const form = await page();
    const refused = await save({ ...form, customer_name: '' });
    expect([refused.status, refused.html.includes(`name="form" value="${form.form}"`)]).toEqual([422, true]);
    expect((await save(form)).status).toBe(303);
  });

  test('with something else in it is no second press: what was typed stays, and a third press makes another', async () => {
    const form = await page();
    const first = /inv_\w+/.exec((await save(form)).location ?? '')?.[0] ?? 'no draft';
    const before = await count();
    const again = await save({ ...form, customer_name: 'Grace Example' });
    expect([again.status, textOf(again.html)]).toEqual([409, expect.stringContaining(`draft ${first} was made`)]);
    expect(again.html).toContain('value="Grace Example"');
    expect(await count()).toBe(before);
    const token = /name="form" value="([^"]+)"/.exec(again.html)?.[1] ?? '';
    const other = await save({ ...form, customer_name: 'Grace Example', form: token });
    expect(other.location).toMatch(/done=created$/);
    expect(other.location).not.toContain(first);
  });

  test('by two admins, or without a token (a page of the release before), is two', async () => {
    const form = await page();
    await saveAdmin(db, { name: 'olga', password: 'a long enough password', role: 'operator' }, { actor: 'test' });
    const cookie = await cookieOf(db, 'olga');
    const before = await count();
    await save(form);
    await save(form, (path, sent) => site.visit(path, { cookie, ...sent }));
    await save({ ...form, form: '' });
    await save({ ...form, form: "'; drop table invoices --" });
    expect(await count()).toBe(before + 4);
  });
});
