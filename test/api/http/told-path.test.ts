import { expect, test } from 'vitest';
import { toldPath } from '../../../src/api/http/told-path.ts';
import { hideSecrets } from '../../../src/platform/redaction.ts';

test.each([
  ['/v1/invoices', '/v1/invoices'],
  ['/', '/'],
  ['', ''],
  ['/v1/invoices?search=ada@example.com', '/v1/invoices'],
  ['/v1/invoices#ada@example.com', '/v1/invoices'],
  ['/i/aSecretLink', '/i/...'],
  ['/i/aSecretLink/pay?extra=1', '/i/...'],
  ['/I/aSecretLink', '/i/...'],
  ['//i/aSecretLink', '/i/...'],
  ['/i/a/b', '/i/...'],
  ['/invoices/i/7', '/invoices/i/7'],
  ['/icons', '/icons'],
  // A client of a proxy writes the whole address.
  ['http://shop.example/i/aSecretLink', '/i/...'],
  ['HTTPS://shop.example:8443/v1/invoices?search=ada', '/v1/invoices'],
  // Node takes any scheme, and the router looks behind it.
  ['ftp://shop.example/i/aSecretLink', '/i/...'],
  ['http://shop.example', ''],
  ['http://shop.example?search=ada', ''],
  ['/go?to=http://shop.example/', '/go'],
  ['/go/http://shop.example/v1', '/go/http://shop.example/v1'],
])('%j is told as %j', (asked, told) => {
  expect(toldPath({ originalUrl: asked })).toBe(told);
});

test('a long path is told by its beginning', () => {
  expect(toldPath({ originalUrl: `/${'x'.repeat(300)}` })).toBe(`/${'x'.repeat(198)}…`);
});

test('of a secret that stands where a long path is cut not even a half is told', () => {
  hideSecrets(['swordfish+1234']);
  const told = toldPath({ originalUrl: `/${'x'.repeat(190)}swordfish+1234${'x'.repeat(100)}` });
  expect(told).toMatch(/^\/x{190}\[reda/);
});
