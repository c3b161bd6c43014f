import { describe, expect, test } from 'vitest';
import { listInvoices } from '../../../src/billing/own-invoices/invoice-list.ts';
import { findInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { saveAdmin } from '../../../src/billing/people/admins.ts';
import { rows } from '../../../src/platform/db.ts';
import { cookieOf } from '../../support/browse.ts';
import { ownInvoices } from '../../support/own-invoices.ts';
import { textOf } from '../../views/example-invoice.ts';
import { siteUnderTest } from './site.ts';

const site = await siteUnderTest();
const { db } = site.deps;
const { issued, opened, pay, statusOf } = ownInvoices(site);
const operator = await site.as('operator');
const viewer = await site.as('viewer');

/** What the form sends: three rows, of which two are filled. */
const typed = {
  customer_name: 'Ada Example',
  customer_email: 'ada@example.com',
  customer_address: 'Main Street 1\r\n10115 Berlin',
  currency: 'EUR',
  due_date: '2027-01-31',
  series: 'SHOP',
  notes: 'Thank you.',
  'lines.0.description': 'Workshop',
  'lines.0.quantity': '2',
  'lines.0.unit_amount': '1.234,50',
  'lines.0.tax_percent': '19 %',
  'lines.1.description': '',
  'lines.1.quantity': '',
  'lines.1.unit_amount': '',
  'lines.1.tax_percent': '',
  'lines.2.description': 'Recording',
  'lines.2.quantity': '',
  'lines.2.unit_amount': '30',
  'lines.2.tax_percent': '8,1',
  'lines.2.optional': 'yes',
  next: 'save',
};

async function draft(change: Record<string, string> = {}): Promise<string> {
  const { location } = await operator('/console/invoices/new', { form: { ...typed, ...change } });
  return /inv_\w+/.exec(location ?? '')?.[0] ?? `not saved: ${location}`;
}

async function audit(subject: string) {
  return rows<{ actor: string; action: string; reason: string }>(
    db,
    'SELECT actor, action, reason FROM audit_log WHERE subject = ? ORDER BY id',
    [subject],
  );
}

describe('the form of a draft', () => {
  test('saves what was typed, without the rows that stayed empty', async () => {
    const invoice = await findInvoice(db, await draft());
    expect(invoice).toMatchObject({
      status: 'draft',
      customer_name: 'Ada Example',
      customer_address: 'Main Street 1\n10115 Berlin',
      currency: 'eur',
      prices_include_tax: false,
      due_date: '2027-01-31',
      series: 'SHOP',
      created_by: 'admin:operator',
    });
    expect(invoice?.lines).toMatchObject([
      { description: 'Workshop', quantity: 2, unitAmount: 123_450, taxPercent: '19', optional: false },
      { description: 'Recording', quantity: 1, unitAmount: 3_000, taxPercent: '8.1', optional: true },
    ]);
  });

  test('comes back with all that was typed and each problem at its field, and saves nothing', async () => {
    const before = (await listInvoices(db, {}, '2026-01-01')).length;
    const answer = await operator('/console/invoices/new', {
      form: {
        ...typed,
        customer_name: '',
        customer_email: 'nobody',
        'lines.0.unit_amount': '1,234',
        'lines.2.quantity': 'two',
        'lines.2.tax_percent': '101',
      },
    });
    expect(answer.status).toBe(422);
    const text = textOf(answer.html);
    for (const problem of [
      'Name: is required',
      'E-mail: must be an e-mail address',
      'Line 1, Unit price: is not clear: write 1234 or 1.23',
      'Line 3, Quantity: must be a whole number',
      'Line 3, Tax: must be 0 to 100',
    ]) {
      expect(text).toContain(problem);
    }
    for (const kept of [
      'value="nobody"',
      'value="1,234"',
      'value="two"',
      'value="Recording"',
      'value="SHOP"',
      'Main Street 1\n10115 Berlin</textarea>',
      'Thank you.</textarea>',
    ]) {
      expect(answer.html).toContain(kept);
    }
    expect(answer.html).toMatch(/name="lines\.2\.optional" value="yes" checked/);
    expect((await listInvoices(db, {}, '2026-01-01')).length).toBe(before);
  });

  test('says of a total that Stripe can’t charge what it comes to, and what can be charged', async () => {
    const { 'lines.2.description': _description, ...rest } = typed;
    const one = { ...rest, 'lines.0.quantity': '1', 'lines.2.unit_amount': '', 'lines.2.tax_percent': '' };
    const answers = [
      await operator('/console/invoices/new', {
        form: { ...typed, currency: 'kwd', 'lines.0.unit_amount': '10.010', 'lines.0.tax_percent': '5' },
      }),
      await operator('/console/invoices/new', {
        form: { ...one, 'lines.0.unit_amount': '0.30', 'lines.0.tax_percent': '', 'lines.2.optional': '' },
      }),
      await operator('/console/invoices/new', { form: { ...typed, currency: 'zwl' } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422]);
    const [dinars, cents, zwl] = answers.map(({ html }) => textOf(html));
    expect(dinars).toContain('Lines: come without extras to KWD 21.021 with tax');
    expect(dinars).toContain('Stripe charges only multiples of KWD 0.010');
    expect(cents).toContain('Lines: come to EUR 0.30: Stripe charges at least EUR 0.50');
    expect(zwl).toContain('Currency: must be a currency that Stripe charges, which ZWL is not');
  });

  test('gets more rows without losing anything, and without complaining yet', async () => {
    const answer = await operator('/console/invoices/new', { form: { ...typed, customer_name: '', next: 'rows' } });
    expect(answer.status).toBe(200);
    expect(answer.html).toContain('name="lines.5.description"');
    expect(answer.html).toContain('value="1.234,50"');
    expect(answer.html).not.toContain('role="alert"');
  });

  test.each([
    ['nothing at all', { next: 'save' }],
    ['no lines', { customer_name: 'Ada', currency: 'eur', next: 'save' }],
    ['a currency that is none', { ...typed, currency: 'euros' }],
    ['a row far away', { ...typed, 'lines.999.description': 'without a price' }],
    ['more lines than there may be', manyLines(101)],
    ['names of Object itself', { ['__proto__']: 'x', constructor: 'y', 'lines.0.__proto__': 'z', next: 'save' }],
    ['a sum below zero', { ...typed, 'lines.0.unit_amount': '-1' }],
    ['a sum that Stripe does not take', { ...typed, 'lines.0.unit_amount': '999999.99' }],
  ])('answers %s with problems, not with an error', async (_what, form) => {
    expect((await operator('/console/invoices/new', { form })).status).toBe(422);
  });

  test('takes no NUL to Postgres, and no body that is too large', async () => {
    expect((await operator('/console/invoices/new', { form: { ...typed, notes: 'a\u0000b' } })).status).toBe(303);
    const tooLarge = await operator('/console/invoices/new', { form: { notes: 'x'.repeat(450_000) } });
    expect([tooLarge.status, textOf(tooLarge.html)]).toEqual([
      413,
      expect.stringContaining('nothing was saved. Go back'),
    ]);
  });

  test('takes what /v1 takes: a hundred lines of 500 characters that are no ASCII', async () => {
    const lines = Array.from({ length: 100 }, (_, row) => ({
      [`lines.${row}.description`]: 'ü'.repeat(500),
      [`lines.${row}.unit_amount`]: '1',
    }));
    const { status } = await operator('/console/invoices/new', { form: Object.assign({ ...typed }, ...lines) });
    expect(status).toBe(303);
  });

  test('comes back with a row more than there may be, not with as many as were sent', async () => {
    const rows = Array.from({ length: 900 }, (_, row) => [`lines.${row}.description`, 'x']);
    const { status, html } = await operator('/console/invoices/new', { form: Object.fromEntries(rows) });
    expect(status).toBe(422);
    expect(html.match(/name="lines\.\d+\.description"/g)).toHaveLength(101);
  });

  test('changes a draft, with an audit row, and nothing that is issued', async () => {
    const id = await draft();
    const form = await operator(`/console/invoices/${id}/edit`);
    expect(form.html).toContain('name="lines.0.unit_amount" value="1234.50"');
    const { 'lines.2.description': _description, ...rest } = typed;
    const kept = { ...rest, 'lines.2.unit_amount': '', 'lines.2.tax_percent': '', 'lines.2.optional': '' };
    await operator(`/console/invoices/${id}/edit`, { form: { ...kept, customer_name: 'Ada Lovelace' } });
    expect(await findInvoice(db, id)).toMatchObject({ customer_name: 'Ada Lovelace', lines: [{ quantity: 2 }] });
    expect(await audit(id)).toMatchObject([{ actor: 'admin:operator', action: 'invoice.change' }]);

    const fixed = await issued();
    expect((await operator(`/console/invoices/${fixed.id}/edit`)).location).toBe(`/console/invoices/${fixed.id}`);
    const late = await operator(`/console/invoices/${fixed.id}/edit`, { form: typed });
    expect(late.status).toBe(409);
    expect(textOf(late.html)).toMatch(/is issued and can.{1,6}t be changed/);
    expect(late.html).toContain('value="Ada Example"');
    expect((await findInvoice(db, fixed.id))?.customer_name).toBe('Green Garden Ltd');
  });
});

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

describe('an operator', () => {
  test('issues a draft with a mail: number, link, message and audit row', async () => {
    const id = await draft();
    const answer = await operator(`/console/invoices/${id}/issue`, { form: { mail: 'yes' } });
    expect(answer).toMatchObject({ status: 303, location: `/console/invoices/${id}?done=sent` });
    const room = await operator(answer.location ?? '');
    expect(textOf(room.html)).toMatch(/a mail with its link is on its way.*Invoice SHOP-\d{5}/);
    const link = /readonly value="([^"]+)"/.exec(room.html)?.[1] ?? '';
    expect((await site.visit(new URL(link).pathname)).status).toBe(200);
    expect(await rows(db, 'SELECT id FROM messages WHERE dedupe_key = ?', [`mail:invoice_issued:${id}`])).toHaveLength(
      1,
    );
    // A second click changes nothing.
    await operator(`/console/invoices/${id}/issue`, { form: { mail: 'yes' } });
    expect(await audit(id)).toMatchObject([{ actor: 'admin:operator', action: 'invoice.issue' }]);
  });

  test('issues without a mail, and is told when there is no address to mail to', async () => {
    const id = await draft({ customer_email: '' });
    const refused = await operator(`/console/invoices/${id}/issue`, { form: { mail: 'yes' } });
    expect([refused.status, textOf(refused.html)]).toEqual([422, expect.stringContaining('customer_email is needed')]);
    await operator(`/console/invoices/${id}/issue`, { form: { mail: 'no' } });
    expect(await findInvoice(db, id)).toMatchObject({ status: 'issued' });
    expect(await rows(db, 'SELECT id FROM messages WHERE dedupe_key LIKE ?', [`%${id}`])).toEqual([]);
  });

  test('voids only with a reason, which is kept; the open payment page is closed', async () => {
    const invoice = await issued();
    const session = await opened(invoice);
    const at = `/console/invoices/${invoice.id}/void`;
    const without = await operator(at, { form: { reason: '  ' } });
    expect([without.status, textOf(without.html)]).toEqual([409, expect.stringContaining('A reason is needed')]);
    expect(await statusOf(invoice)).toBe('issued');
    expect((await operator(at, { form: { reason: 'ordered twice' } })).location).toMatch(/done=voided$/);
    expect(await statusOf(invoice)).toBe('void');
    expect((await site.deps.stripe.checkout.sessions.retrieve(session)).status).toBe('expired');
    expect(await audit(invoice.id)).toEqual([
      { actor: 'admin:operator', action: 'invoice.void', reason: 'ordered twice' },
    ]);
  });

  test('can’t void what was paid a moment ago, and is told why', async () => {
    const invoice = await issued();
    await pay(await opened(invoice));
    const answer = await operator(`/console/invoices/${invoice.id}/void`, { form: { reason: 'ordered twice' } });
    expect([answer.status, textOf(answer.html)]).toEqual([409, expect.stringContaining('refund the payment instead')]);
    expect(await statusOf(invoice)).toBe('paid');
    expect(textOf(answer.html)).toContain('Paid EUR 288.00 by card.');
  });

  test('can’t void while a payment waits for a decision, and is led to the question', async () => {
    const invoice = await issued();
    const session = await opened(invoice);
    await rows(db, 'UPDATE invoice_lines SET unit_amount = unit_amount + 100 WHERE invoice = ?', [invoice.id]);
    await pay(session);
    const answer = await operator(`/console/invoices/${invoice.id}/void`, { form: { reason: 'ordered twice' } });
    expect([answer.status, textOf(answer.html)]).toEqual([
      409,
      expect.stringContaining('A payment waits for a decision'),
    ]);
    const link = /<a href="(\/console\/reviews\/\d+)"/.exec(answer.html)?.[1] ?? '';
    expect(textOf((await operator(link)).html)).toContain('What shall happen?');
  });

  test('is told what Stripe refuses: a page that it does not close, and one that it did not open', async () => {
    const invoice = await issued();
    await opened(invoice);
    const at = `/console/invoices/${invoice.id}/void`;
    await site.side.fault({ kind: 'refuse', path: '/v1/checkout/sessions*', method: 'POST', count: 1 });
    const answer = await operator(at, { form: { reason: 'ordered twice' } });
    expect([answer.status, textOf(answer.html)]).toEqual([409, expect.stringContaining('which can still be paid')]);
    expect((await operator(at, { form: { reason: 'ordered twice' } })).location).toMatch(/done=voided$/);

    const refused = await issued();
    await site.side.fault({ kind: 'refuse', path: '/v1/checkout/sessions', method: 'POST', count: 1 });
    const page = await site.pay(await site.pathOf(refused));
    expect([page.status, textOf(page.html)]).toEqual([422, expect.stringContaining('can’t be paid by card here')]);
    expect(page.html).not.toContain('carried out');
    const room = await operator(`/console/invoices/${refused.id}`);
    expect(textOf(room.html)).toContain('refused: This request cannot be carried out.');
    const voided = await operator(`/console/invoices/${refused.id}/void`, { form: { reason: 'no way to pay it' } });
    expect(voided.location).toMatch(/done=voided$/);
  });

  test('with Stripe away is told so, and the invoice stays as it is', async () => {
    const invoice = await issued();
    await opened(invoice);
    await site.side.fault({ kind: 'reset', path: '/v1/checkout/sessions/*' });
    const answer = await operator(`/console/invoices/${invoice.id}/void`, { form: { reason: 'ordered twice' } });
    await site.side.endFaults();
    expect([answer.status, textOf(answer.html)]).toEqual([503, expect.stringContaining('This did not work')]);
    expect(await statusOf(invoice)).toBe('issued');
  });

  test('makes a new link with a reason: the old one leads nowhere', async () => {
    const invoice = await issued();
    const old = await site.pathOf(invoice);
    const { html } = await operator(`/console/invoices/${invoice.id}`);
    const version = /name="version" value="(\d+)"/.exec(html)?.[1] ?? 'none';
    const press = () =>
      operator(`/console/invoices/${invoice.id}/link`, { form: { reason: 'sent to the wrong person', version } });
    const presses = await Promise.all([press(), press()]);
    expect(presses.map(({ location }) => location)).toEqual(
      Array(2).fill(`/console/invoices/${invoice.id}?done=renewed`),
    );
    expect((await findInvoice(db, invoice.id))?.link_version).toBe(2);
    expect((await site.visit(old)).status).toBe(404);
    expect(await audit(invoice.id)).toMatchObject([
      { action: 'invoice.renew_link', reason: 'sent to the wrong person' },
    ]);
  });
});

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

function manyLines(count: number): Record<string, string> {
  const lines = Array.from({ length: count }, (_, row) => [
    [`lines.${row}.description`, 'x'],
    [`lines.${row}.unit_amount`, '1'],
  ]);
  return { ...typed, ...Object.fromEntries(lines.flat()) };
}
