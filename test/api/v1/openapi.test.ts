import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkout } from '../../../bin/lib/checkout.ts';
import { endpoints } from '../../../src/api/v1/endpoints.ts';
import { openApiOf } from '../../../src/api/v1/openapi.ts';
import { PROBLEMS, typeOf } from '../../../src/api/v1/problem.ts';
import { API_SCOPES } from '../../../src/billing/people/api-scopes.ts';
import { apiUnderTest } from '../../support/api.ts';

/** The description of /v1. That its answers are as it says is looked at in every answer that a test gets (api-client.ts). */
const { api } = await apiUnderTest();
const read = (file: string) => readFileSync(join(checkout, file), 'utf8');
const words = read('docs/api.md');

describe('docs/openapi.json', () => {
  test('is what the list of endpoints says: npm run openapi writes it anew', () => {
    expect(JSON.parse(read('docs/openapi.json'))).toEqual(JSON.parse(JSON.stringify(openApiOf(endpoints))));
  });

  test('is served to anybody, without a key', async () => {
    const answer = await fetch(`${api.url}/v1/openapi.json`);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await answer.json()).toEqual(JSON.parse(read('docs/openapi.json')));
  });
});

describe('docs/api.md', () => {
  test.each(
    endpoints.map(({ method, path, scope }) => [method.toUpperCase(), path.replace(':id', 'ID'), scope] as const),
  )('tells of %s /v1%s, and its scope %s', (method, path, scope) => {
    expect(words).toContain(`(\`${method} /v1${path}\`, scope \`${scope}\`)`);
  });

  test('tells of each problem with its status, and of no other', () => {
    const told = [...words.matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)].map(([, kind, status]) => [kind, Number(status)]);
    expect(told).toEqual(Object.entries(PROBLEMS).map(([kind, { status }]) => [kind, status]));
  });

  test('tells of each scope', () => {
    for (const scope of API_SCOPES) expect(words).toContain(scope);
  });
});

test.each(Object.entries(PROBLEMS))('the type of %s leads to what it means', async (kind, { status, title, means }) => {
  const type = `/v1/problems/${kind}`;
  expect(Object.keys(PROBLEMS).map((each) => (each === kind ? type : ''))).toContain(type);
  const answer = await fetch(`${api.url}${type}`);
  expect([answer.status, await answer.json()]).toEqual([200, { type, title, status, detail: means }]);
});

test('a type that is none leads nowhere', async () => {
  expect((await fetch(`${api.url}${typeOf('internal')}s`)).status).toBe(401);
});
