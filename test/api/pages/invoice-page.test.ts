import { describe, expect, test } from 'vitest';
import { findInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { renewLink, voidInvoice } from '../../../src/billing/own-invoices/manage-invoice.ts';
import { rows } from '../../../src/platform/db.ts';
import { createDraft } from '../../support/created-drafts.ts';
import { ownInvoices } from '../../support/own-invoices.ts';
import { textOf } from '../../views/example-invoice.ts';
import { siteUnderTest } from './site.ts';

const site = await siteUnderTest();
const { deps, side, simulator, sessionAt } = site;
const { db } = deps;
const { issued, pay } = ownInvoices(site);

const extraOf = ({ lines }: { lines: readonly { id: number; optional: boolean }[] }) =>
  String(lines.find(({ optional }) => optional)?.id);

describe('a link that leads nowhere', () => {
  test('is the same plain 404, whether it was never given, is rotated, or belongs to what was never issued', async () => {
    const rotated = await issued();
    const old = await site.pathOf(rotated);
    await renewLink(rotated.id, 'test', 'it was sent to the wrong person', deps);
    const draft = await createDraft({ customer_name: 'x', currency: 'eur', lines: lineOf(100) }, 'test', deps);
    const discarded = await createDraft({ customer_name: 'x', currency: 'eur', lines: lineOf(100) }, 'test', deps);
    await voidInvoice(discarded.id, 'test', 'a mistake', deps);
    const other = await site.pathOf(await issued());
    const forged = `${other.slice(0, -1)}${other.endsWith('A') ? 'B' : 'A'}`;
    const paths = [
      '/i/x',
      '/i/',
      `/i/${'a'.repeat(38)}`,
      '/i/%00',
      `/i/${draft.id}`,
      forged,
      `${other}/`,
      `${other}/nothing`,
      `${other.toUpperCase().replace('/I/', '/i/')}`,
      old,
      await site.pathOf(draft),
      await site.pathOf(discarded),
    ];
    const answers = await Promise.all([
      ...paths.map((path) => site.visit(path)),
      ...paths.map((path) => site.visit(`${path}/return?session_id=cs_test_1`)),
      ...paths.map((path) => site.pay(path)),
    ]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    expect(new Set(answers.map(({ html }) => html)).size).toBe(1);
    expect(answers[0]?.html).not.toMatch(/Northwind|Quittance/);
    const fresh = await findInvoice(db, rotated.id);
    expect((await site.visit(await site.pathOf(fresh ?? rotated))).status).toBe(200);
  });
});

describe('the page of an invoice', () => {
  test('is kept by nobody, told to nobody, framed by nobody, and runs no script', async () => {
    const { status, headers } = await site.visit(await site.pathOf(await issued()));
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-robots-tag')).toBe('noindex, nofollow');
    expect(headers.get('x-powered-by')).toBeNull();
    const policy = headers.get('content-security-policy')?.split(';') ?? [];
    expect(policy).toEqual([
      "default-src 'none'",
      "style-src 'self'",
      'img-src data:',
      `form-action 'self' https://checkout.stripe.com ${new URL(simulator.url).origin}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ]);
  });

  test('escapes whatever was typed', async () => {
    const evil = '"><script>alert(1)</script>';
    const invoice = await issued({
      customer_name: evil,
      customer_address: evil,
      notes: evil,
      lines: [
        { description: evil, unit_amount: 100 },
        { description: evil, unit_amount: 100, optional: true },
      ],
    });
    const { html } = await site.visit(await site.pathOf(invoice));
    expect(html).not.toContain('<script');
    expect(html.match(/&lt;script/g)?.length).toBeGreaterThanOrEqual(5);
  });
});

describe('Pay by card', () => {
  test('leads to the one live session, for the amount that the server computed, again and again', async () => {
    const path = await site.pathOf(await issued());
    const first = await site.pay(path);
    const second = await site.pay(path);
    expect([first.status, second.status]).toEqual([303, 303]);
    expect(first.location).toBe(second.location);
    expect(new URL(first.location ?? '').origin).toBe(new URL(simulator.url).origin);
    const session = await deps.stripe.checkout.sessions.retrieve(await sessionAt(first.location));
    expect([session.amount_total, session.currency]).toEqual([28_800, 'eur']);
  });

  test('two tabs at the same time get one session', async () => {
    const path = await site.pathOf(await issued());
    const answers = await Promise.all(Array.from({ length: 4 }, () => site.pay(path)));
    expect(new Set(answers.map(({ location }) => location)).size).toBe(1);
  });

  test('counts the extras that were ticked, and finds them ticked when the customer comes back', async () => {
    const invoice = await issued();
    const path = await site.pathOf(invoice);
    const { location } = await site.pay(path, [extraOf(invoice)]);
    const session = await deps.stripe.checkout.sessions.retrieve(await sessionAt(location));
    expect(session.amount_total).toBe(32_400);
    const { html } = await site.visit(path);
    expect(html).toMatch(new RegExp(`value="${extraOf(invoice)}" checked`));
    expect(textOf(html)).toContain('EUR 324.00');
  });

  test.each([
    ['an id of another invoice', (_own: string, foreign: string) => [foreign], 28_800],
    ['an extra many times', (own: string) => [own, own, own], 32_400],
    ['a negative id', (own: string) => [`-${own}`], 28_800],
    ['the id of a fixed line', (own: string) => [String(Number(own) - 1)], 28_800],
    ['an id with something behind it', (own: string) => [`${own}.0`, `${own} `, `0${own}`, `${own}e0`], 28_800],
    ['something else', () => ['', 'NaN', 'true', '[object Object]', '9'.repeat(400), '\u0000'], 28_800],
  ])('does not let itself be cheated with %s', async (_what, tamper, amount) => {
    const invoice = await issued();
    const foreign = await issued();
    const { location, status } = await site.pay(await site.pathOf(invoice), tamper(extraOf(invoice), extraOf(foreign)));
    expect(status).toBe(303);
    const session = await deps.stripe.checkout.sessions.retrieve(await sessionAt(location));
    expect(session.amount_total).toBe(amount);
  });

  test('asks to tick something where there is nothing to pay for otherwise', async () => {
    const invoice = await issued({ lines: lineOf(5_000, { optional: true }) });
    const path = await site.pathOf(invoice);
    const answer = await site.pay(path);
    expect([answer.status, textOf(answer.html)]).toEqual([422, expect.stringContaining('Please tick what')]);
    expect((await site.pay(path, [extraOf(invoice)])).status).toBe(303);
  });

  test('with Stripe away says so, keeps the ticks, and works again afterwards', async () => {
    const invoice = await issued();
    const path = await site.pathOf(invoice);
    await side.fault({ kind: 'reset', path: '/v1/checkout/sessions', method: 'POST' });
    const answer = await site.pay(path, [extraOf(invoice)]);
    await side.endFaults();
    expect(answer.status).toBe(503);
    expect(textOf(answer.html)).toContain('could not be opened just now; this try has charged nothing');
    expect(answer.html).toMatch(new RegExp(`value="${extraOf(invoice)}" checked`));
    expect((await site.pay(path, [extraOf(invoice)])).status).toBe(303);
    const attempts = await rows(db, 'SELECT id FROM checkout_attempts WHERE invoice = ?', [invoice.id]);
    expect(attempts).toHaveLength(1);
  });

  test('of a paid, void or processing invoice leads back to the page, which says so', async () => {
    const void_ = await issued();
    await voidInvoice(void_.id, 'test', 'a mistake', deps);
    const debit = await issued();
    await pay(await sessionAt((await site.pay(await site.pathOf(debit))).location), 'debit');
    for (const [invoice, words] of [
      [void_, /cancelled/],
      [debit, /wait for the bank/],
    ] as const) {
      const path = await site.pathOf(invoice);
      // The debit is not known here yet: asking Stripe before opening another session finds it.
      expect(await site.pay(path)).toMatchObject({ status: 303, location: path });
      const page = await site.visit(path);
      expect(textOf(page.html)).toMatch(words);
      expect(page.html).not.toContain('<form');
    }
  });

  test('is limited by address and by invoice, and says how long to wait', async () => {
    const path = await site.pathOf(await issued());
    const byInvoice = await Promise.all(Array.from({ length: 17 }, () => site.pay(path)));
    const refused = byInvoice.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(2);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    const elsewhere = await site.pathOf(await issued());
    expect((await site.pay(elsewhere)).status).toBe(303);
    const byAddress = await Promise.all(Array.from({ length: 32 }, () => site.pay('/i/guess', [], '10.250.0.1')));
    expect(byAddress.filter(({ status }) => status === 429)).toHaveLength(2);
    expect((await site.pay(elsewhere, [], '10.250.0.1')).status).toBe(429);
    expect((await site.visit(elsewhere, { headers: { 'x-forwarded-for': '10.250.0.1' } })).status).toBe(200);
    const sameNetwork = (n: number) => site.pay('/i/guess', [], `2001:db8:250:1::${n.toString(16)}`);
    const byNetwork = await Promise.all(Array.from({ length: 32 }, (_, n) => sameNetwork(n + 1)));
    expect(byNetwork.filter(({ status }) => status === 429)).toHaveLength(2);
  });
});

function lineOf(unit_amount: number, more: object = {}): object[] {
  return [{ description: 'Something', unit_amount, ...more }];
}
