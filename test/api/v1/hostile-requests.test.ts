import { beforeEach, describe, expect, test } from 'vitest';
import { bodyVerdict, DEEPEST } from '../../../src/api/v1/body-problems.ts';
import { rows } from '../../../src/platform/db.ts';
import { apiUnderTest } from '../../support/api.ts';
import { type ApiClient, apiClient, apiProblem, whereOf } from '../../support/api-client.ts';
import { invoiceBody } from '../../support/recorded-invoices.ts';

/** What a sender with a key may choose: two sizes at once, the depth, the names. None of them makes the answer grow. */
const { api, db } = await apiUnderTest();
let writer: ApiClient;
beforeEach(async () => {
  writer = await apiClient(db, api.url);
});

const many = (count: number, of: (at: number) => string) => Array.from({ length: count }, (_, at) => of(at)).join();
const nul = '\\u0000';
const line = { description: 'Portrait', unit_amount: 1_000 };

const bodies: [what: string, body: string, status: number][] = [
  ['a long key over strings that hold NUL', `{"${'k'.repeat(51_000)}":[${many(5_600, () => `"${nul}"`)}]}`, 422],
  ['strings that hold NUL', `[${many(11_000, () => `"${nul}"`)}]`, 422],
  ['objects of long names that hold NUL', `{"lines":[${many(90, () => `{"${'k'.repeat(900)}":"${nul}"}`)}]}`, 422],
  ['lists in lists', '['.repeat(51_000) + ']'.repeat(51_000), 400],
  ['lists in a field', `{"lines":${'['.repeat(4_001)}${']'.repeat(4_001)}}`, 400],
  ['objects in objects', `${'{"a":'.repeat(16_000)}1${'}'.repeat(16_000)}`, 400],
  ['unknown fields', `{${many(9_000, (at) => `"k${at}":1`)}}`, 422],
  ['one unknown field of a long name', `{"${'k'.repeat(99_000)}":1}`, 422],
  ['unknown fields of names that can’t be seen', `{${many(140, (at) => `"${at}${'\\u0001'.repeat(95)}":1`)}}`, 422],
  ['unknown fields of halves of characters', `{${many(140, (at) => `"${at}${'\\ud800'.repeat(110)}":1`)}}`, 422],
  ['an unknown field of a name that is one control', '{"\\u0007":1}', 422],
  ['lines that are none', `{"lines":[${many(49_000, () => '1')}]}`, 422],
  ['empty lines', `{"lines":[${many(33_000, () => '{}')}]}`, 422],
  ['unknown fields of lines', `{"lines":[${many(99, () => `{${many(99, (at) => `"k${at}":1`)}}`)}]}`, 422],
  ['a long value in each field', JSON.stringify(invoiceBody({ customer_name: 'x'.repeat(90_000) })), 422],
  ['a long currency', JSON.stringify(invoiceBody({ currency: 'x'.repeat(90_000) })), 422],
  ['a long tax', JSON.stringify(invoiceBody({ lines: [{ ...line, tax_percent: '1'.repeat(90_000) }] })), 422],
  ['a long address', JSON.stringify(invoiceBody({ customer_email: `${'a.'.repeat(40_000)}@` })), 422],
  ['more than the limit', JSON.stringify({ notes: 'x'.repeat(103_000) }), 413],
];

test.each(bodies)('%s: the answer stays below 10 kB', async (_what, body, status) => {
  const answer = await writer.ask('POST', '/v1/invoices', body);
  expect(answer.status).toBe(status);
  expect(Buffer.byteLength(JSON.stringify(answer.body))).toBeLessThan(10_000);
  const { detail: message, errors: problems } = apiProblem.parse(answer.body);
  expect(message).toMatch(/\w/);
  expect(problems.length).toBeLessThanOrEqual(20);
  expect(Math.max(0, ...problems.map((each) => whereOf(each).length))).toBeLessThanOrEqual(310);
});

const far = 'k'.repeat(12_000);
const addresses: [what: string, path: string, status: number][] = [
  ['a long parameter', `/v1/invoices?${far}=1`, 400],
  ['many parameters', `/v1/invoices?${Array.from({ length: 2_500 }, (_, at) => `a${at}`).join('&')}`, 400],
  ['one parameter many times', `/v1/invoices?${Array(1_000).fill('search=x').join('&')}`, 400],
  ['parameters in parameters', `/v1/invoices?search${'[a]'.repeat(3_000)}=1`, 400],
  ['a long search', `/v1/invoices?search=${far}`, 400],
  ['a search with NUL', '/v1/invoices?search=%00', 400],
  ['a place in the list with NUL', '/v1/invoices?starting_after=%00', 400],
  ['a long place in the list', `/v1/invoices?ending_before=${far}`, 400],
  ['a long id', `/v1/invoices/${far}`, 404],
  ['an id with NUL', '/v1/invoices/%00', 404],
  ['an id that is no text', '/v1/invoices/%E0%A4%A', 400],
  ['a long address', `/v1/${far}`, 404],
];

test.each(addresses)('%s: the answer stays below 10 kB', async (_what, path, status) => {
  const answer = await writer.ask('GET', path);
  expect(answer.status).toBe(status);
  expect(Buffer.byteLength(JSON.stringify(answer.body))).toBeLessThan(10_000);
  expect(apiProblem.parse(answer.body).detail).toMatch(/\w/);
});

test('a key that may not write learns so before its body is read', async () => {
  const reader = await apiClient(db, api.url, ['invoices:read']);
  for (const [, body] of bodies) {
    const answer = await reader.ask('POST', '/v1/invoices', body);
    expect(answer.status).toBe(403);
  }
});

test('an address that is none does not read the body either', async () => {
  expect((await writer.ask('POST', '/v1/nothing', '{"no":')).status).toBe(404);
  expect((await writer.ask('PUT', '/v1/invoices/inv_x', '{"no":')).status).toBe(404);
});

test('a name that is none of an object’s own is a field like any other', async () => {
  const answer = await writer.ask('POST', '/v1/invoices', '{"__proto__":{"a":"\\u0000"}}');
  expect(apiProblem.parse(answer.body).errors.map(whereOf)).toEqual(['#/__proto__/a']);
  expect(await rows(db, 'SELECT FROM invoices')).toEqual([]);
});

describe('the look at a body', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 'x' : [nested(levels - 1)]);

  test(`takes ${DEEPEST} levels and no more`, () => {
    expect(bodyVerdict(nested(DEEPEST))).toEqual({ tooDeep: false, problems: [] });
    expect(bodyVerdict(nested(DEEPEST + 1))).toEqual({ tooDeep: true });
  });

  test('goes no deeper than it may, however deep the rest is', () => {
    let visited = 0;
    const endless = (): object =>
      new Proxy([0], {
        get: (target, key) => {
          if (key === '0') visited += 1;
          return key === '0' ? endless() : Reflect.get(target, key);
        },
      });
    expect(bodyVerdict(endless())).toEqual({ tooDeep: true });
    expect(visited).toBe(DEEPEST);
  });

  test('ends with the last problem that is told', () => {
    let seen = 0;
    const texts = Array.from({ length: 5_000 }, () => ({
      get text() {
        seen += 1;
        return '\0';
      },
    }));
    const verdict = bodyVerdict(texts);
    expect(verdict).toMatchObject({ problems: { length: 20 } });
    // Once for the depth of each, then for the texts until the twentieth.
    expect(seen).toBe(5_000 + 20);
  });
});
