import { expect, test } from 'vitest';
import { apiUnderTest } from '../support/api.ts';
import { browse } from '../support/browse.ts';

/** Forms and addresses that anybody may send: whatever is in them, the answer is short, and none is an error of ours. */
const { api } = await apiUnderTest({ TRUSTED_PROXIES: '1' });
const token = 'abcdefghijklmnop0123456789012345678901';

const bodies: [what: string, body: string][] = [
  ['many fields', Array.from({ length: 1_500 }, (_, at) => `a${at}=`).join('&')],
  ['one field many times', Array(1_500).fill('name=x').join('&')],
  ['an extra many times', Array(190).fill('extras=1').join('&')],
  ['fields in fields', `name${'[a]'.repeat(3_000)}=x`],
  ['lists', Array.from({ length: 15 }, (_, at) => `name[${at * 1_000_000}]=x`).join('&')],
  ['names of Object itself', '__proto__[a]=x&constructor=y&hasOwnProperty=z&name=toString&password=__proto__'],
  ['NUL and what is no UTF-8', 'name=%00&password=%00&next=%00&extras=%FF%FE'],
  ['a long name', `name=${'x'.repeat(9_000)}&password=x`],
  ['a long way back', `name=ada&password=x&next=/console/${'x'.repeat(9_000)}`],
  ['more than the limit', `name=${'x'.repeat(20_000)}`],
  ['another character set', 'name=ada'],
];

const doors = ['/console/login', `/i/${token}/pay`];

test.each(doors.flatMap((door) => bodies.map(([what, body]) => [what, door, body] as const)))(
  '%s, sent to %s',
  async (what, path, body) => {
    const charset = what === 'another character set' ? '; charset=utf-7' : '';
    const headers = { 'content-type': `application/x-www-form-urlencoded${charset}`, origin: api.url };
    const answer = await browse(api.url + path, { method: 'POST', headers, body });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect((await answer.text()).length).toBeLessThan(10_000);
  },
);

const far = 'k'.repeat(12_000);

test.each([
  `/console/login?next=/console/${far}`,
  `/console/invoices?q=${far}`,
  `/console/${far}`,
  `/i/${far}`,
  `/i/${token}/return?session_id=${far}`,
  `/i/${token}/return?session_id=cs_a&session_id=cs_b`,
  `/${far}`,
  '/console/invoices/%E0%A4%A',
  '/i/%E0%A4%A',
  '/i/%00',
])('the address %#', async (path) => {
  const answer = await browse(api.url + path, {});
  expect(answer.status).toBeLessThan(500);
  expect((await answer.text()).length).toBeLessThan(10_000);
  // Proxies refuse an answer with a long header.
  expect(JSON.stringify([...answer.headers]).length).toBeLessThan(4_000);
});

test('no refusal was an error of ours', () => {
  expect(api.logs()).not.toContain('request failed');
});
