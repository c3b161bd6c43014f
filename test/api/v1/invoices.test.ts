import { beforeEach, describe, expect, test } from 'vitest';
import { renewLink } from '../../../src/billing/own-invoices/manage-invoice.ts';
import { rows } from '../../../src/platform/db.ts';
import { type ApiClient, apiClient, problemsIn } from '../../support/api-client.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { invoiceBody } from '../../support/recorded-invoices.ts';
import { startApi } from '../../support/served.ts';

const { deps, settings } = await billingUnderTest();
const api = await startApi({ ...settings, STRIPE_WEBHOOK_SECRETS: 'whsec_test' });
/** A key per test: none comes near its rate. */
let client: ApiClient;
beforeEach(async () => {
  client = await apiClient(deps.db, api.url);
});
const year = String(new Date().getUTCFullYear());

describe('a new invoice', () => {
  test('is a draft, with its totals computed here', async () => {
    const answer = await client.ask(
      'POST',
      '/v1/invoices',
      invoiceBody({ due_date: '2026-12-31', notes: 'Thank you.' }),
    );
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toMatchObject({
      id: expect.stringMatching(/^inv_[a-z0-9]{16}$/),
      status: 'draft',
      state: 'draft',
      number: null,
      series: null,
      url: null,
      customer_name: 'Ada Example',
      customer_email: 'ada@example.com',
      customer_address: null,
      currency: 'eur',
      due_date: '2026-12-31',
      notes: 'Thank you.',
      lines: [
        {
          description: 'Portrait in oil',
          quantity: 1,
          unit_amount: 20_000,
          tax_percent: '9',
          optional: false,
          counted: true,
        },
        { description: 'Frame', quantity: 2, unit_amount: 2_000, tax_percent: null, counted: true },
        { description: 'Delivery', optional: true, counted: false },
      ],
      totals: { net: 24_000, tax: 1_800, gross: 25_800 },
      taxes: [{ percent: '9', taxable: 20_000, tax: 1_800 }],
      payment: null,
      log: [],
      created_by: expect.stringMatching(/^key:test-/),
    });
  });

  test('may be issued at once, and mailed', async () => {
    const issued = await client.create({ ...invoiceBody(), issue: true, mail: true });
    expect(issued).toMatchObject({
      status: 'issued',
      state: 'unpaid',
      number: expect.stringMatching(`^${year}-\\d{5}$`),
    });
    expect(issued.url).toMatch(/^http:\/\/127\.0\.0\.1:9\/i\/[\w-]{38}$/);
    const mails = await rows(deps.db, `SELECT kind, recipient FROM messages WHERE dedupe_key = ?`, [
      `mail:invoice_issued:${issued.id}`,
    ]);
    expect(mails).toEqual([{ kind: 'invoice_issued', recipient: 'ada@example.com' }]);
  });

  test('that can’t be issued as asked for leaves no draft behind', async () => {
    const before = await count();
    const answer = await client.ask('POST', '/v1/invoices', {
      ...invoiceBody({ customer_email: null }),
      issue: true,
      mail: true,
    });
    expect(answer.status).toBe(422);
    expect(problemsIn(answer)).toEqual({ '#/customer_email': 'is needed to send the invoice by e-mail' });
    expect(await count()).toBe(before);
  });

  const count = async () => (await rows<{ n: number }>(deps.db, 'SELECT count(*) AS n FROM invoices'))[0]?.n;
});

const line = { description: 'Portrait', unit_amount: 1_000 };

describe('a draft', () => {
  test('can be changed as a whole', async () => {
    const { id } = await client.create(invoiceBody({ notes: 'first' }));
    const answer = await client.ask(
      'PUT',
      `/v1/invoices/${id}`,
      invoiceBody({ customer_name: 'Grace', lines: [line] }),
    );
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      id,
      customer_name: 'Grace',
      notes: null,
      totals: { gross: 1_000 },
      lines: [line],
    });
    expect(problemsIn(await client.ask('PUT', `/v1/invoices/${id}`, { lines: [] }))).toEqual({
      '#/customer_name': 'is required',
      '#/currency': 'is required, e.g. eur',
      '#/lines': 'needs at least one line',
    });
  });

  test('once issued can’t be changed, and the answer says what to do', async () => {
    const { id, number } = await client.create({ ...invoiceBody(), issue: true });
    const answer = await client.ask('PUT', `/v1/invoices/${id}`, invoiceBody({ customer_name: 'Grace' }));
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({
      detail: `Invoice ${number} is issued and can't be changed: void it and make a new one.`,
    });
    expect(await client.get(id)).toMatchObject({ customer_name: 'Ada Example' });
  });

  test('is issued once, however often that is asked for', async () => {
    const { id } = await client.create(invoiceBody());
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => client.ask('POST', `/v1/invoices/${id}/issue`, { mail: true })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    const numbers = new Set(answers.map(({ body }) => (body as { number: string }).number));
    expect(numbers.size).toBe(1);
    const mails = await rows(deps.db, 'SELECT id FROM messages WHERE dedupe_key = ?', [`mail:invoice_issued:${id}`]);
    expect(mails).toHaveLength(1);
    expect((await client.ask('POST', `/v1/invoices/${id}/issue`)).status).toBe(200);
    expect((await client.ask('POST', `/v1/invoices/${id}/issue`, { mial: true })).status).toBe(422);
  });
});

test.each(['inv_unknown', 'inv_aaaaaaaaaaaaaaaa', '%00', '..%2F..'])('an invoice %s is not there', async (id) => {
  const all = await Promise.all([
    client.ask('GET', `/v1/invoices/${id}`),
    client.ask('PUT', `/v1/invoices/${id}`, invoiceBody()),
    client.ask('POST', `/v1/invoices/${id}/issue`, {}),
    client.ask('POST', `/v1/invoices/${id}/void`, { reason: 'x' }),
  ]);
  expect(all.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
});

test('the link that is told is the one that holds', async () => {
  const { id, url } = await client.create({ ...invoiceBody(), issue: true });
  await renewLink(id, 'test', 'it got into the wrong hands', deps);
  expect((await client.get(id)).url).not.toBe(url);
});

describe('the list', () => {
  test('is in portions, newest first, by state and by what is looked for', async () => {
    const ids: string[] = [];
    const name = `Finder ${crypto.randomUUID()}`;
    for (let n = 0; n < 5; n += 1)
      ids.unshift(
        (
          await client.create({
            ...invoiceBody({ customer_name: name, due_date: n === 0 ? '2020-01-01' : null }),
            issue: n < 2,
          })
        ).id,
      );
    const page = async (query: string) => {
      const { body } = await client.ask('GET', `/v1/invoices?search=${encodeURIComponent(name)}&${query}`);
      const { data, has_more } = body as { data: { id: string; state: string; log?: unknown }[]; has_more: boolean };
      return { ids: data.map(({ id }) => id), states: data.map(({ state }) => state), has_more, data };
    };
    expect(await page('limit=2')).toMatchObject({ ids: ids.slice(0, 2), has_more: true });
    expect(await page(`limit=2&starting_after=${ids[1]}`)).toMatchObject({ ids: ids.slice(2, 4), has_more: true });
    expect(await page(`limit=2&starting_after=${ids[3]}`)).toMatchObject({ ids: ids.slice(4), has_more: false });
    expect(await page(`limit=2&ending_before=${ids[4]}`)).toMatchObject({ ids: ids.slice(2, 4), has_more: true });
    expect(await page(`limit=2&ending_before=${ids[2]}`)).toMatchObject({ ids: ids.slice(0, 2), has_more: false });
    expect(await page(`limit=2&ending_before=${ids[0]}`)).toMatchObject({ ids: [], has_more: false });
    expect(await page('limit=5')).toMatchObject({ ids, has_more: false });
    expect(await page('status=issued')).toMatchObject({ ids: ids.slice(3), states: ['unpaid', 'overdue'] });
    expect(await page('status=overdue')).toMatchObject({ ids: ids.slice(4) });
    expect((await page('status=paid')).ids).toEqual([]);
    expect((await page('limit=1')).data[0]).not.toHaveProperty('log');
  });

  test('shows each invoice once while others are made, and of many made at the same moment', async () => {
    const name = `Walker ${crypto.randomUUID()}`;
    const make = () => client.create(invoiceBody({ customer_name: name }));
    const ids = new Set<string>();
    for (let n = 0; n < 5; n += 1) ids.add((await make()).id);
    await deps.db.raw('UPDATE invoices SET created_at = date_trunc(?, now()) WHERE customer_name = ?', ['day', name]);
    const seen: string[] = [];
    for (let more = true; more; ) {
      const from = seen.length > 0 ? `&starting_after=${seen.at(-1)}` : '';
      const { body } = await client.ask('GET', `/v1/invoices?search=${encodeURIComponent(name)}&limit=2${from}`);
      const { data, has_more } = body as { data: { id: string }[]; has_more: boolean };
      seen.push(...data.map(({ id }) => id));
      more = has_more;
      await make();
    }
    expect(seen).toHaveLength(5);
    expect(new Set(seen)).toEqual(ids);
  });

  test('has the lines and the state of each of its invoices', async () => {
    const name = `Liner ${crypto.randomUUID()}`;
    const made = [];
    for (const amounts of [[100, 200], [300], [400, 500, 600]]) {
      const lines = amounts.map((unit_amount) => ({ description: `costs ${unit_amount}`, unit_amount }));
      made.unshift(await client.create({ ...invoiceBody({ customer_name: name, lines }), issue: true }));
    }
    await deps.db.raw(
      `INSERT INTO checkout_attempts (invoice, attempt, amount, currency, state, stripe_session, expires_at)
       VALUES (?, 1, 300, 'eur', 'processing', 'cs_liner', now())`,
      [made[1]?.id ?? ''],
    );
    const { body } = await client.ask('GET', `/v1/invoices?search=${encodeURIComponent(name)}`);
    const { data } = body as { data: typeof made };
    expect(data.map(({ id, lines, totals }) => ({ id, lines, totals }))).toEqual(
      made.map(({ id, lines, totals }) => ({ id, lines, totals })),
    );
    expect(data.map(({ state }) => state)).toEqual(['unpaid', 'processing', 'unpaid']);
  });

  test('takes % and _ as they are', async () => {
    const { body } = await client.ask('GET', '/v1/invoices?search=%25_%25');
    expect(body).toEqual({ data: [], has_more: false });
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=many', 'limit'],
    ['offset=20', 'offset'],
    ['starting_after=inv_0000000000000000', 'starting_after'],
    ['starting_after=', 'starting_after'],
    ['ending_before=%00', 'ending_before'],
    ['ending_before=inv_1&ending_before=inv_2', 'ending_before'],
    ['starting_after=inv_1&ending_before=inv_1', 'ending_before'],
    ['status=lost', 'status'],
    ['status=paid&status=draft', 'status'],
    [`search=${'x'.repeat(201)}`, 'search'],
    ['search=%00', 'search'],
    ['colour=blue', 'colour'],
  ])('asked for with %s is refused, and the field is named', async (query, field) => {
    const answer = await client.ask('GET', `/v1/invoices?${query}`);
    expect(answer.status).toBe(400);
    expect(Object.keys(problemsIn(answer))).toEqual([field]);
  });
});
