import { expect, test } from 'vitest';
import { siteUnderTest } from './site.ts';

const site = await siteUnderTest();

/** Bull Board is an application in the browser: its page is of use only when its files arrive and may run. */
test('the board of the queues is allowed to load its own files, and these are there', async () => {
  const operator = await site.as('operator');
  const { html, headers } = await operator('/console/queues');
  const base = /<base href="([^"]+)"/.exec(html)?.[1] ?? '';
  const policy = headers.get('content-security-policy') ?? '';
  for (const rule of ["base-uri 'self'", "script-src 'self'", "connect-src 'self'"]) expect(policy).toContain(rule);
  const files = [...html.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map((match) => String(match[1]));
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) {
    const { pathname } = new URL(file, site.url + base);
    const answer = await operator(pathname);
    expect([pathname, answer.status, answer.headers.get('content-type')]).toEqual([
      pathname,
      200,
      expect.stringMatching(/javascript|css/),
    ]);
  }
});
