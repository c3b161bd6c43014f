import { describe, expect, test } from 'vitest';
import { findInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { rows } from '../../../src/platform/db.ts';
import { ownInvoices } from '../../support/own-invoices.ts';
import { textOf } from '../../views/example-invoice.ts';
import { auditOf, draftBy } from './console-drafts.ts';
import { siteUnderTest } from './site.ts';

const site = await siteUnderTest();
const { db } = site.deps;
const { issued, opened, pay, statusOf } = ownInvoices(site);
const operator = await site.as('operator');

describe('an operator', () => {
  test('issues a draft with a mail: number, link, message and audit row', async () => {
    const id = await draftBy(operator);
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
    expect(await auditOf(db, id)).toMatchObject([{ actor: 'admin:operator', action: 'invoice.issue' }]);
  });

  test('issues without a mail, and is told when there is no address to mail to', async () => {
    const id = await draftBy(operator, { customer_email: '' });
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
    expect([without.status, textOf(without.html)]).toEqual([422, expect.stringContaining('A reason is needed')]);
    expect(await statusOf(invoice)).toBe('issued');
    expect((await operator(at, { form: { reason: 'ordered twice' } })).location).toMatch(/done=voided$/);
    expect(await statusOf(invoice)).toBe('void');
    expect((await site.deps.stripe.checkout.sessions.retrieve(session)).status).toBe('expired');
    expect((await auditOf(db, invoice.id)).slice(1)).toEqual([
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
    expect(answer.html, 'what was typed is still there').toMatch(
      /<details class="action" open>[^§]*value="ordered twice"/,
    );
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
    const none = await operator(`/console/invoices/${invoice.id}/link`, { form: { reason: 'x', version: 'NaN' } });
    expect([none.status, textOf(none.html)]).toEqual([422, expect.stringContaining('open it anew')]);
    expect((await auditOf(db, invoice.id)).slice(1)).toMatchObject([
      { action: 'invoice.renew_link', reason: 'sent to the wrong person' },
    ]);
  });
});
