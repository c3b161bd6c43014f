import { describe, expect, test } from 'vitest';
import { listInvoices } from '../../../src/billing/own-invoices/invoice-list.ts';
import { findInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { ownInvoices } from '../../support/own-invoices.ts';
import { textOf } from '../../views/example-invoice.ts';
import { auditOf, draftBy, typed } from './console-drafts.ts';
import { siteUnderTest } from './site.ts';

const site = await siteUnderTest();
const { db } = site.deps;
const { issued } = ownInvoices(site);
const operator = await site.as('operator');

describe('the form of a draft', () => {
  test('saves what was typed, without the rows that stayed empty', async () => {
    const invoice = await findInvoice(db, await draftBy(operator));
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
      { description: 'Workshop', quantity: 2, unit_amount: 123_450, tax_percent: '19', optional: false },
      { description: 'Recording', quantity: 1, unit_amount: 3_000, tax_percent: '8.1', optional: true },
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
    const id = await draftBy(operator);
    const form = await operator(`/console/invoices/${id}/edit`);
    expect(form.html).toContain('name="lines.0.unit_amount" value="1234.50"');
    const { 'lines.2.description': _description, ...rest } = typed;
    const kept = { ...rest, 'lines.2.unit_amount': '', 'lines.2.tax_percent': '', 'lines.2.optional': '' };
    await operator(`/console/invoices/${id}/edit`, { form: { ...kept, customer_name: 'Ada Lovelace' } });
    expect(await findInvoice(db, id)).toMatchObject({ customer_name: 'Ada Lovelace', lines: [{ quantity: 2 }] });
    expect(await auditOf(db, id)).toMatchObject([{ actor: 'admin:operator', action: 'invoice.change' }]);

    const fixed = await issued();
    expect((await operator(`/console/invoices/${fixed.id}/edit`)).location).toBe(`/console/invoices/${fixed.id}`);
    const late = await operator(`/console/invoices/${fixed.id}/edit`, { form: typed });
    expect(late.status).toBe(409);
    expect(textOf(late.html)).toMatch(/is issued and can.{1,6}t be changed/);
    expect(late.html).toContain('value="Ada Example"');
    expect((await findInvoice(db, fixed.id))?.customer_name).toBe('Green Garden Ltd');
  });
});

function manyLines(count: number): Record<string, string> {
  const lines = Array.from({ length: count }, (_, row) => [
    [`lines.${row}.description`, 'x'],
    [`lines.${row}.unit_amount`, '1'],
  ]);
  return { ...typed, ...Object.fromEntries(lines.flat()) };
}
