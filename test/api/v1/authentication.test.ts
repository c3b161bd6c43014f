import { describe, expect, test } from 'vitest';
import { createApiKey, listApiKeys, revokeApiKey } from '../../../src/billing/people/api-keys.ts';
import { rows } from '../../../src/platform/db.ts';
import { apiUnderTest } from '../../support/api.ts';
import { apiClient, apiProblem } from '../../support/api-client.ts';

const { api, db, settings } = await apiUnderTest();
const list = (headers: Record<string, string> = {}) => fetch(`${api.url}/v1/invoices`, { headers });
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe('without a key that counts', () => {
  test.each([
    ['no header', {}],
    ['another scheme', { authorization: 'Basic cWs6' }],
    ['no key', { authorization: 'Bearer ' }],
    ['two words', { authorization: 'Bearer qk_a qk_b' }],
    ['an unknown key', bearer(`qk_${'a'.repeat(43)}`)],
    ['a key of somebody else', bearer('sk_test_quittance')],
  ])('(%s) the answer is 401, in JSON', async (_what, headers) => {
    const answer = await list(headers);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(apiProblem.parse(await answer.json()).detail).toMatch(/API key/);
  });

  test('nobody learns what is there', async () => {
    const answers = await Promise.all(
      ['/v1/invoices/inv_x', '/v1/nothing', '/v1'].map((path) => fetch(api.url + path)),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
  });

  test('not even a body is read', async () => {
    const answer = await fetch(`${api.url}/v1/invoices`, { method: 'POST', body: 'x'.repeat(200_000) });
    expect(answer.status).toBe(401);
  });
});

describe('a key', () => {
  test('is 32 random bytes behind qk_, of which only the hash is kept', async () => {
    const key = await createApiKey(db, 'shop', ['invoices:read'], 'test');
    expect(key).toMatch(/^qk_[\w-]{43}$/);
    const stored = await rows<object>(db, `SELECT * FROM api_keys WHERE name = 'shop'`);
    expect(JSON.stringify(stored)).not.toContain(key.slice(3));
    expect((await list(bearer(key))).status).toBe(200);
    expect((await list({ authorization: `bearer  ${key}` })).status).toBe(200);
  });

  test('may do what its scopes say, and nothing else', async () => {
    const reader = await apiClient(db, api.url, ['invoices:read']);
    const writer = await apiClient(db, api.url, ['invoices:write']);
    expect((await reader.ask('GET', '/v1/invoices')).status).toBe(200);
    expect((await reader.ask('GET', '/v1/invoices/inv_x')).status).toBe(404);
    expect((await writer.ask('POST', '/v1/invoices', {})).status).toBe(422);
    const refused = await Promise.all([
      reader.ask('POST', '/v1/invoices', {}),
      reader.ask('PUT', '/v1/invoices/inv_x', {}),
      reader.ask('POST', '/v1/invoices/inv_x/issue', {}),
      reader.ask('POST', '/v1/invoices/inv_x/void', {}),
      writer.ask('GET', '/v1/invoices'),
      writer.ask('GET', '/v1/invoices/inv_x'),
    ]);
    expect(refused.map(({ status }) => status)).toEqual(Array(6).fill(403));
    expect(apiProblem.parse(refused[0]?.body).detail).toBe('This key lacks the scope invoices:write.');
  });

  describe('that may only write', () => {
    const draft = {
      customer_name: 'Ada Secret',
      currency: 'eur',
      lines: [{ description: 'Portrait', unit_amount: 100 }],
    };
    const receipt = {
      status: 'issued',
      created_at: expect.any(String),
      issued_at: expect.any(String),
      voided_at: null,
    };
    const writers = () => apiClient(db, api.url, ['invoices:write']);

    test('is told what it needs of what it made, and gets the link', async () => {
      const writer = await writers();
      const repeat = { 'idempotency-key': 'order-1' };
      const made = await writer.ask('POST', '/v1/invoices', { ...draft, issue: true }, repeat);
      const id = expect.stringMatching(/^inv_/);
      const number = expect.stringMatching(/^\d{4}-/);
      const url = expect.stringMatching(/\/i\//);
      expect(made).toMatchObject({ status: 201, body: { ...receipt, id, number, url } });
      expect(Object.keys(Object(made.body))).toHaveLength(7);
      const again = await writer.ask('POST', '/v1/invoices', { ...draft, issue: true }, repeat);
      expect(again.body).toEqual(made.body);
      const plain = await writer.ask('POST', '/v1/invoices', draft);
      expect(plain.body).toMatchObject({ status: 'draft', number: null, url: null });
    });

    test('reads nothing that others wrote by issuing, voiding or changing it again', async () => {
      const [owner, writer] = [await apiClient(db, api.url), await writers()];
      const { id, number } = await owner.create({ ...draft, issue: true });
      const repeat = { 'idempotency-key': 'look' };
      const answers = [
        await writer.ask('POST', `/v1/invoices/${id}/issue`, {}),
        await writer.ask('POST', `/v1/invoices/${id}/issue`, {}, repeat),
        await writer.ask('POST', `/v1/invoices/${id}/issue`, {}, repeat),
      ];
      for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: { ...receipt, id, number } });
      for (const answer of answers) expect(Object.keys(Object(answer.body))).toHaveLength(6);
      const done = await writer.ask('POST', `/v1/invoices/${id}/void`, { reason: 'by mistake' });
      const change = await writer.ask('PUT', `/v1/invoices/${(await owner.create(draft)).id}`, {
        ...draft,
        notes: 'x',
      });
      expect([done.status, change.status]).toEqual([200, 200]);
      for (const answer of [...answers, done, change]) {
        expect(JSON.stringify(answer.body)).not.toMatch(/Ada|Portrait|\/i\/|totals|log/);
      }
      const both = await apiClient(db, api.url);
      expect((await both.ask('POST', `/v1/invoices/${id}/void`, { reason: 'again' })).body).toMatchObject({
        customer_name: 'Ada Secret',
      });
    });
  });

  test('with a last day counts through that day, and is told apart from one that is not there', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const key = await createApiKey(db, 'for-today', ['invoices:read'], 'test', today);
    expect((await list(bearer(key))).status).toBe(200);
    expect(await rows(db, `SELECT reason FROM audit_log WHERE subject = 'for-today'`)).toEqual([
      { reason: `scopes invoices:read, until ${today}` },
    ]);
    await rows(db, `UPDATE api_keys SET expires_at = '2026-06-01T00:00:00Z' WHERE name = 'for-today'`);
    const refused = await list(bearer(key));
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(apiProblem.parse(await refused.json()).detail).toBe(
      'This API key was for use until 2026-05-31 (UTC), and has expired: take a new one.',
    );
    await revokeApiKey(db, 'for-today', 'test', 'over');
    expect(await (await list(bearer(key))).text()).toContain('There is no such API key, or it was revoked.');
  });

  test.each([
    ['2020-02-29', 'is over'],
    ['2027-02-29', 'a day like 2027-01-31'],
    ['2027-06-31', 'a day like 2027-01-31'],
    ['tomorrow', 'a day like 2027-01-31'],
    ['2027-01-01T00:00:00Z', 'a day like 2027-01-31'],
    ['', 'a day like 2027-01-31'],
  ])('can’t end on %j', async (day, why) => {
    const words = why === 'is over' ? `must not be over: ${day} is.` : why;
    await expect(createApiKey(db, 'never', ['invoices:read'], 'test', day)).rejects.toThrow(words);
  });

  test('is refused from the moment it is revoked, and its name is not given again', async () => {
    const key = await createApiKey(db, 'old-shop', ['invoices:read'], 'test');
    await revokeApiKey(db, 'old-shop', 'cli:ada', 'the shop has moved');
    expect((await list(bearer(key))).status).toBe(401);
    await expect(revokeApiKey(db, 'old-shop', 'cli:ada', 'again')).rejects.toThrow('no key named old-shop');
    await expect(createApiKey(db, 'old-shop', ['invoices:read'], 'test')).rejects.toThrow('another name');
    const audit = await rows(
      db,
      `SELECT actor, reason FROM audit_log WHERE action = 'api_key.revoke' AND subject = 'old-shop'`,
    );
    expect(audit).toEqual([{ actor: 'cli:ada', reason: 'the shop has moved' }]);
  });

  test.each([
    ['Shop', ['invoices:read'], 'lower-case'],
    ['', ['invoices:read'], 'lower-case'],
    ['fine', [], 'needs a scope'],
    ['fine', ['invoices:read', 'everything'], 'no scope everything'],
  ])('named %j with the scopes %j can’t be made', async (name, scopes, why) => {
    await expect(createApiKey(db, name, scopes, 'test')).rejects.toThrow(why);
  });

  test('has its use noted, once a minute at most', async () => {
    const key = await createApiKey(db, 'busy', ['invoices:read'], 'test');
    const used = async () => (await listApiKeys(db)).find(({ name }) => name === 'busy')?.last_used_at;
    expect(await used()).toBeNull();
    await list(bearer(key));
    const first = await used();
    expect(first).toBeInstanceOf(Date);
    await list(bearer(key));
    expect(await used()).toEqual(first);
    await rows(db, `UPDATE api_keys SET last_used_at = now() - interval '61 seconds' WHERE name = 'busy'`);
    await list(bearer(key));
    expect((await used())?.getTime()).toBeGreaterThanOrEqual(first?.getTime() ?? 0);
  });

  test('may send a hundred requests at once; then it has to wait, and others need not', async () => {
    const [eager, calm] = [await apiClient(db, api.url), await apiClient(db, api.url)];
    const answers = await Promise.all(Array.from({ length: 110 }, () => eager.ask('GET', '/v1/nothing')));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBe(10);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await calm.ask('GET', '/v1/nothing')).status).toBe(404);
  });
});

test('without Redis each api limits the rate for itself, and answers all the same', async () => {
  const alone = await apiUnderTest({ DATABASE_URL: settings.DATABASE_URL, REDIS_URL: 'redis://127.0.0.1:1' });
  const eager = await apiClient(db, alone.api.url);
  const answers = await Promise.all(Array.from({ length: 103 }, () => eager.ask('GET', '/v1/nothing')));
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([...Array(100).fill(404), ...Array(3).fill(429)]);
});

test('what is not there is told in the same form', async () => {
  const client = await apiClient(db, api.url);
  const answer = await client.ask('GET', '/v1/nothing');
  expect(answer.status).toBe(404);
  expect(answer.body).toEqual({
    type: '/v1/problems/not_found',
    title: 'There is no such thing',
    status: 404,
    detail: 'There is nothing at GET /v1/nothing.',
  });
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
});
