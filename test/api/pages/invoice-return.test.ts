import { describe, expect, test } from 'vitest';
import { findInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { renewLink } from '../../../src/billing/own-invoices/manage-invoice.ts';
import { ownInvoices } from '../../support/own-invoices.ts';
import { textOf } from '../../views/example-invoice.ts';
import { siteUnderTest } from './site.ts';

const site = await siteUnderTest();
const { deps, side, sessionAt } = site;
const { db } = deps;
const { issued, pay, statusOf, logOf, intentOf } = ownInvoices(site);

describe('coming back from the payment page', () => {
  test('makes the invoice paid before any webhook has come, and refreshing changes nothing', async () => {
    const invoice = await issued();
    const path = await site.pathOf(invoice);
    const session = await sessionAt((await site.pay(path)).location);
    await pay(session);
    expect(await statusOf(invoice)).toBe('issued');
    const back = `${path}/return?session_id=${session}`;
    for (let again = 0; again < 3; again += 1) {
      expect(await site.visit(back)).toMatchObject({ status: 303, location: path });
    }
    const text = textOf((await site.visit(path)).html);
    expect(text).toContain('Paid EUR 288.00');
    expect(text).toContain('your receipt');
    expect(text).toContain(await intentOf(session));
    expect(await logOf(invoice)).toEqual(['session_opened', 'paid']);
  });

  test('with the session of somebody else shows this invoice as it is, and nothing of that session', async () => {
    const [mine, theirs] = [await issued(), await issued()];
    const session = await sessionAt((await site.pay(await site.pathOf(theirs))).location);
    await pay(session);
    const path = await site.pathOf(mine);
    await side.forgetRequests();
    expect(await site.visit(`${path}/return?session_id=${session}`)).toMatchObject({ status: 303, location: path });
    expect(await side.requests()).toEqual([]);
    expect([await statusOf(mine), await statusOf(theirs)]).toEqual(['issued', 'issued']);
    const { html } = await site.visit(path);
    expect(html).not.toContain(session);
    expect(textOf(html)).toContain('Unpaid');
  });

  test.each([
    '',
    '?session_id=',
    '?session_id=cs_test_nothing',
    '?session_id=%00',
    '?session_id=cs_1&session_id=cs_2',
    '?session_id[x]=cs_1',
    `?session_id=cs_${'x'.repeat(5_000)}`,
    "?session_id=cs_1'%20OR%201=1",
    '?status=paid&paid=true',
  ])('with %s changes nothing and says nothing', async (query) => {
    const invoice = await issued();
    const path = await site.pathOf(invoice);
    expect(await site.visit(`${path}/return${query}`)).toMatchObject({ status: 303, location: path });
    expect(await statusOf(invoice)).toBe('issued');
  });

  test('before paying shows an invoice that is not paid', async () => {
    const invoice = await issued();
    const path = await site.pathOf(invoice);
    const session = await sessionAt((await site.pay(path)).location);
    await site.visit(`${path}/return?session_id=${session}`);
    expect([await statusOf(invoice), textOf((await site.visit(path)).html)]).toEqual([
      'issued',
      expect.stringContaining('Unpaid'),
    ]);
  });

  test('after a bank debit says that it is on its way', async () => {
    const invoice = await issued();
    const path = await site.pathOf(invoice);
    const session = await sessionAt((await site.pay(path)).location);
    await pay(session, 'debit');
    await site.visit(`${path}/return?session_id=${session}`);
    expect(textOf((await site.visit(path)).html)).toContain('You don’t need to do anything');
  });

  test('while Stripe does not answer promises nothing, offers no second payment, and tells the truth later', async () => {
    const invoice = await issued();
    const path = await site.pathOf(invoice);
    const session = await sessionAt((await site.pay(path)).location);
    await pay(session);
    await side.fault({ kind: 'reset', path: '/v1/checkout/sessions/*', method: 'GET' });
    const unsure = await site.visit(`${path}/return?session_id=${session}`);
    await side.endFaults();
    expect(unsure.status).toBe(503);
    expect(textOf(unsure.html)).toContain('please don’t pay a second time');
    expect(unsure.html).not.toContain('<form');
    await site.visit(`${path}/return?session_id=${session}`);
    expect(textOf((await site.visit(path)).html)).toContain('Paid EUR 288.00');
  });
});

describe('coming back from the payment page after the link was renewed', () => {
  async function paying(choice?: string) {
    const invoice = await issued({ notes: 'Only for Green Garden' });
    const old = await site.pathOf(invoice);
    const session = await sessionAt((await site.pay(old)).location);
    if (choice) await pay(session, choice);
    await renewLink(invoice.id, 'test', 'it was sent to the wrong person', deps);
    return { invoice, old, session, back: `${old}/return?session_id=${session}` };
  }

  test.each<[string, string | undefined, RegExp, string]>([
    ['paid', 'card', /Thank you! Your payment of EUR 288\.00 has arrived/, 'paid'],
    ['a bank debit', 'debit', /wait for the bank to confirm it/, 'issued'],
    ['not paid', undefined, /was not completed.*nothing was charged/, 'issued'],
  ])('%s: says so, again and again, and nothing of the invoice', async (_what, choice, words, status) => {
    const { invoice, back, old } = await paying(choice);
    for (let again = 0; again < 2; again += 1) {
      const { html, ...answer } = await site.visit(back);
      expect([answer.status, textOf(html)]).toEqual([200, expect.stringMatching(words)]);
      expect(textOf(html)).toMatch(/Northwind.*link of this invoice was renewed.*ask Northwind for the current one/);
      expect(html).not.toMatch(/Green Garden|Workshop|<form/);
    }
    expect(await statusOf(invoice)).toBe(status);
    expect((await site.visit(old)).status).toBe(404);
    const fresh = await site.pathOf((await findInvoice(db, invoice.id)) ?? invoice);
    expect((await site.visit(fresh)).status).toBe(200);
  });

  test('with Stripe away promises nothing, and tells the truth later', async () => {
    const { back } = await paying('card');
    await side.fault({ kind: 'reset', path: '/v1/checkout/sessions/*', method: 'GET' });
    const unsure = await site.visit(back);
    await side.endFaults();
    expect([unsure.status, textOf(unsure.html)]).toEqual([503, expect.stringContaining('don’t pay a second time')]);
    expect(textOf((await site.visit(back)).html)).toContain('has arrived');
  });

  test('with a session of another invoice, or a link that never was, is the same 404 as ever', async () => {
    const [mine, theirs] = [await paying('card'), await paying('card')];
    const forged = `${mine.old.slice(0, -1)}${mine.old.endsWith('A') ? 'B' : 'A'}`;
    await side.forgetRequests();
    const answers = await Promise.all([
      site.visit(`${mine.old}/return?session_id=${theirs.session}`),
      site.visit(`${forged}/return?session_id=${mine.session}`),
      site.visit(`${mine.old}/return`),
      site.visit('/i/x'),
    ]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    expect(new Set(answers.map(({ html }) => html)).size).toBe(1);
    expect(await side.requests()).toEqual([]);
  });

  test('the next one who pays comes back to the page: the old session makes room', async () => {
    const { invoice, session } = await paying();
    const fresh = await site.pathOf((await findInvoice(db, invoice.id)) ?? invoice);
    const again = await sessionAt((await site.pay(fresh)).location);
    expect(again).not.toBe(session);
    expect((await deps.stripe.checkout.sessions.retrieve(session)).status).toBe('expired');
    await pay(again);
    expect(await site.visit(`${fresh}/return?session_id=${again}`)).toMatchObject({ status: 303, location: fresh });
    expect(textOf((await site.visit(fresh)).html)).toContain('Paid EUR 288.00');
  });
});
