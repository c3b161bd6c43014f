import { expect, test } from 'vitest';
import { freshDatabase } from '../support/database.ts';
import { until } from '../support/eventually.ts';
import { startApiProcess } from '../support/processes.ts';
import { freshRedis } from '../support/redis.ts';
import { simulatorKey } from '../support/simulator-key.ts';

/** All that an api process writes, on both its outputs, while its database is away: whatever is asked of it. */
const [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
const secrets = { webhook: 'whsec_quietlog+0123/abcdef=', smtp: 'p@ss/w:rd-of-mail' };
const api = await startApiProcess({
  DATABASE_URL: database.url,
  REDIS_URL: redis.url,
  STRIPE_SECRET_KEY: simulatorKey,
  STRIPE_WEBHOOK_SECRETS: secrets.webhook,
  SMTP_URL: `smtp://user:${encodeURIComponent(secrets.smtp)}@127.0.0.1:9`,
  PUBLIC_URL: 'http://127.0.0.1:9',
  LOG_LEVEL: 'debug',
});
await database.drop();

const link = 'abcdefghijklmnop0123456789012345678901';
const key = `qk_${'a'.repeat(43)}`;
const asked: [path: string, headers?: Record<string, string>][] = [
  ['/v1/invoices?search=ada@example.com', { authorization: `Bearer ${key}` }],
  ['/v1/invoices?search=ada%40example.com', { authorization: `Bearer ${key}` }],
  [`/i/${link}`],
  [`/I/${link}`],
  [`/i/${link}/pay`],
  [`//i/${link}?mail=ada@example.com`],
  ['/console/invoices?q=ada@example.com', { cookie: 'quittance_session=0123456789abcdef', accept: 'text/html' }],
  [`/console/invoices?q=${secrets.webhook}`, { cookie: `quittance_session=${secrets.webhook}`, accept: 'text/html' }],
];

test('neither addresses nor links nor keys are in what it writes, and each failure is', async () => {
  for (const [path, headers = {}] of asked) await fetch(api.url + path, { headers });
  const signIn = new URLSearchParams({ name: 'ada@example.com', password: secrets.smtp });
  await fetch(`${api.url}/console/login`, {
    method: 'POST',
    headers: { origin: api.url },
    body: signIn,
  });
  await fetch(`${api.url}/readyz`);
  const failures = () => api.logs().split('request failed').length - 1;
  // All but the path that leads nowhere, for which no database is asked.
  await until(() => failures() >= asked.length - 1);
  const said = api.logs();
  expect(said).toContain('"path":"/v1/invoices"');
  expect(said).toContain('"path":"/i/..."');
  for (const never of ['ada@', 'ada%40', link, key, secrets.webhook, secrets.smtp, '?']) {
    expect(said, never).not.toContain(never);
  }
});

test('every line is one of its log', () => {
  for (const line of api.logs().trim().split('\n')) expect(() => JSON.parse(line), line).not.toThrow();
});
