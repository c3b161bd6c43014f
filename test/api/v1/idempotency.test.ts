import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { claimRequest, storeAnswer } from '../../../src/api/v1/idempotency.ts';
import { createApiKey } from '../../../src/billing/people/api-keys.ts';
import { firstRow, rows } from '../../../src/platform/db.ts';
import { type ApiClient, apiClient } from '../../support/api-client.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { until } from '../../support/eventually.ts';
import { startApiProcess } from '../../support/processes.ts';
import { invoiceBody } from '../../support/recorded-invoices.ts';
import { startApi } from '../../support/served.ts';

const { deps, settings } = await billingUnderTest();
const { db } = deps;
const apiSettings = { ...settings, STRIPE_WEBHOOK_SECRETS: 'whsec_test' };
const api = await startApi(apiSettings);

let client: ApiClient;
let key: string;
beforeEach(async () => {
  client = await apiClient(db, api.url);
  key = randomUUID();
});

const post = (body: unknown, path = '/v1/invoices', by = client) =>
  by.ask('POST', path, body, { 'idempotency-key': key });
const named = async (name: string) => rows(db, 'SELECT id FROM invoices WHERE customer_name = ?', [name]);
/** As if the request had come so long ago. */
const age = (seconds: number) =>
  rows(
    db,
    'UPDATE api_idempotency SET created_at = now() - make_interval(secs => :seconds), claimed_at = now() - make_interval(secs => :seconds) WHERE key = :key',
    { seconds, key },
  );

describe('the same request with the same key', () => {
  test('is done once, and answered with the same words', async () => {
    const body = { ...invoiceBody({ customer_name: key }), issue: true, mail: true };
    const [first, second] = [await post(body), await post(body)];
    expect(first.status).toBe(201);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await named(key)).toHaveLength(1);
  });

  test('sent ten times at once is done once: the others wait (409) or hear the answer', async () => {
    const body = { ...invoiceBody({ customer_name: key }), issue: true };
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(body)));
    const done = answers.filter(({ status, headers }) => status === 201 && !headers.has('idempotent-replayed'));
    expect(done).toHaveLength(1);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(await named(key)).toHaveLength(1);
    expect((await post(body)).body).toEqual(done[0]?.body);
  });

  test('is the same whatever the order of its fields; lists keep their order', async () => {
    const body = invoiceBody({ customer_name: key });
    const first = await post(body);
    const [one, ...others] = body.lines.map((line) => Object.fromEntries(Object.entries(line).reverse()));
    const turned = Object.fromEntries(Object.entries({ ...body, lines: [one, ...others] }).reverse());
    const again = await post(JSON.stringify(turned, null, 2).replace('20000', '2.0e4'));
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await post({ ...body, lines: [...others, one] })).status).toBe(422);
    expect(await named(key)).toHaveLength(1);
  });

  test('is known when the release before has done it', async () => {
    const body = invoiceBody({ customer_name: key });
    await post(body);
    await rows(db, 'UPDATE api_idempotency SET content_hash = NULL WHERE key = ?', [key]);
    expect((await post(body)).headers.get('idempotent-replayed')).toBe('true');
    expect((await post(invoiceBody({ customer_name: 'Another' }))).status).toBe(422);
  });

  test('is repeated for issue and void as well', async () => {
    const { id } = await client.create(invoiceBody());
    const issued = await post({}, `/v1/invoices/${id}/issue`);
    expect((await post({}, `/v1/invoices/${id}/issue`)).body).toEqual(issued.body);
    key = randomUUID();
    const voided = await post({ reason: 'a mistake' }, `/v1/invoices/${id}/void`);
    expect(voided).toMatchObject({ status: 200, body: { status: 'void' } });
    expect((await post({ reason: 'a mistake' }, `/v1/invoices/${id}/void`)).headers.get('idempotent-replayed')).toBe(
      'true',
    );
  });

  test('of another API key is another request', async () => {
    const other = await apiClient(db, api.url);
    const body = invoiceBody({ customer_name: key });
    await post(body);
    expect((await post(body, '/v1/invoices', other)).headers.get('idempotent-replayed')).toBeNull();
    expect(await named(key)).toHaveLength(2);
  });

  test('after three days is a new one', async () => {
    const body = invoiceBody({ customer_name: key });
    await post(body);
    await age(3 * 86_400 - 60);
    expect((await post(body)).headers.get('idempotent-replayed')).toBe('true');
    await age(3 * 86_400 + 60);
    expect((await post(body)).headers.get('idempotent-replayed')).toBeNull();
    expect(await named(key)).toHaveLength(2);
  });
});

describe('the same key', () => {
  test('with other content is refused (422), and nothing is done', async () => {
    await post(invoiceBody());
    const answer = await post(invoiceBody({ customer_name: key }));
    expect(answer).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('another request') },
    });
    expect(await named(key)).toEqual([]);
  });

  test('at another address is refused as well', async () => {
    const { id } = await client.create(invoiceBody());
    await post({}, `/v1/invoices/${id}/issue`);
    const { id: other } = await client.create(invoiceBody());
    expect((await post({}, `/v1/invoices/${other}/issue`)).status).toBe(422);
  });

  test('of a request that was refused may be used again with what is put right', async () => {
    expect((await post(invoiceBody({ currency: 'xyz' }))).status).toBe(422);
    expect((await post(invoiceBody())).status).toBe(201);
  });

  test('means nothing to a change that may be repeated anyway', async () => {
    const { id } = await client.create(invoiceBody());
    const put = (name: string) =>
      client.ask('PUT', `/v1/invoices/${id}`, invoiceBody({ customer_name: name }), { 'idempotency-key': key });
    await put('first');
    expect((await put('second')).body).toMatchObject({ customer_name: 'second' });
  });

  test.each([['x'.repeat(256)], ['two words'], ['']])(
    'must be one word of at most 255 characters: %j is refused',
    async (wrong) => {
      key = wrong;
      expect((await post(invoiceBody())).status).toBe(400);
    },
  );
});

describe('while a request is in flight', () => {
  const request = async () => {
    await createApiKey(db, key, ['invoices:write'], 'test');
    const row = await firstRow<{ id: number }>(db, 'SELECT id FROM api_keys WHERE name = ?', [key]);
    return { apiKey: row?.id ?? 0, key, hash: 'hash', asSent: 'as sent' };
  };

  test('the same one is told to wait', async () => {
    const keyed = await request();
    expect(await claimRequest(db, keyed)).toHaveProperty('claim');
    await expect(claimRequest(db, keyed)).rejects.toMatchObject({ kind: 'in_flight', retryAfter: 1 });
  });

  test('another one with its key is refused', async () => {
    const keyed = await request();
    await claimRequest(db, keyed);
    await expect(claimRequest(db, { ...keyed, hash: 'other', asSent: 'other' })).rejects.toMatchObject({
      kind: 'key_reused',
    });
  });

  test('and its process is lost, the next one takes over; the lost one can’t store an answer any more', async () => {
    const keyed = await request();
    const lost = await claimRequest(db, keyed);
    await age(121);
    const next = await claimRequest(db, keyed);
    if (!('claim' in lost && 'claim' in next)) throw new Error('no claim');
    expect(next.claim).not.toBe(lost.claim);
    await expect(storeAnswer(db, keyed, lost.claim, { status: 201, answer: '{}' })).rejects.toMatchObject({
      kind: 'in_flight',
    });
    await storeAnswer(db, keyed, next.claim, { status: 201, answer: '{"n":1}' });
    expect(await claimRequest(db, keyed)).toEqual({ stored: { status: 201, answer: '{"n":1}' } });
  });

  test('and the api is killed, nothing of it stays: sent again to another one it is done once', async () => {
    const doomed = await startApiProcess(apiSettings);
    const impatient = await apiClient(db, doomed.url);
    const body = { ...invoiceBody({ customer_name: key, series: 'KILL' }), issue: true };
    await rows(db, `INSERT INTO invoice_series (series) VALUES ('KILL')`);
    // Whoever numbers an invoice of this series has to wait.
    const holder = await db.transaction();
    await rows(holder, `SELECT 1 FROM invoice_series WHERE series = 'KILL' FOR UPDATE`);
    const lost = post(body, '/v1/invoices', impatient).then(
      () => 'answered',
      () => 'lost',
    );
    await until(
      async () => {
        const waiting = await firstRow(
          db,
          `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%invoice_series%'`,
        );
        return waiting !== undefined;
      },
      { what: 'the request waits for its number' },
    );
    doomed.kill('SIGKILL');
    expect(await lost).toBe('lost');
    await holder.rollback();
    const again = await startApi(apiSettings);
    await age(121);
    expect(await post(body, '/v1/invoices', impatient.at(again.url))).toMatchObject({
      status: 201,
      body: { number: 'KILL-00001' },
    });
    expect(await named(key)).toHaveLength(1);
  });
});
