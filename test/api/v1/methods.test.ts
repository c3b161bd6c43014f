import { expect, test } from 'vitest';
import { createApiKey } from '../../../src/billing/people/api-keys.ts';
import { apiUnderTest } from '../../support/api.ts';
import { apiClient, apiProblem } from '../../support/api-client.ts';

/** What an address of /v1 can be asked is told to whoever asks something else. */
const { api, db } = await apiUnderTest();
const client = await apiClient(db, api.url);

const idle = '/v1/invoices/inv_0123456789abcdef';

test.each([
  ['DELETE', '/v1/invoices', 'GET, HEAD, POST'],
  ['PATCH', idle, 'GET, HEAD, PUT'],
  ['POST', idle, 'GET, HEAD, PUT'],
  ['GET', `${idle}/issue`, 'POST'],
  ['PUT', `${idle}/void`, 'POST'],
  ['OPTIONS', `${idle}/void`, 'POST'],
])('%s %s is not allowed, but %s is', async (method, path, allowed) => {
  const answer = await client.ask(method, path, method === 'GET' || method === 'OPTIONS' ? undefined : '{"no":');
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe(allowed);
  expect(apiProblem.parse(answer.body)).toMatchObject({
    type: '/v1/problems/method_not_allowed',
    status: 405,
    detail: `${method} can’t be asked of this address, but ${allowed}.`,
  });
});

test('without a key nobody learns it', async () => {
  const answer = await fetch(`${api.url}/v1/invoices`, { method: 'DELETE' });
  expect([answer.status, answer.headers.get('allow')]).toEqual([401, null]);
});

test('HEAD is answered as GET is, without the content', async () => {
  const key = await createApiKey(db, 'head', ['invoices:read'], 'test');
  const answer = await fetch(`${api.url}/v1/invoices`, { method: 'HEAD', headers: { authorization: `Bearer ${key}` } });
  expect([answer.status, await answer.text()]).toEqual([200, '']);
});
