import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { saveAdmin } from '../../../src/billing/admins.ts';
import { apiUnderTest } from '../../support/api.ts';
import { browse } from '../../support/browse.ts';
import { startApi } from '../../support/served.ts';

// One proxy is trusted, so that each request can come from an address of its own.
const { api, db, settings } = await apiUnderTest({ TRUSTED_PROXIES: '1' });
const password = 'correct horse battery';
await saveAdmin(db, 'olga', password, 'operator');
await saveAdmin(db, 'victor', password, 'viewer');

const at = (path: string) => `${api.url}${path}`;
const login = (form: Record<string, string>, headers: Record<string, string> = {}) =>
  browse(at('/console/login'), { form, headers });

describe('signing in', () => {
  test('with name and password leads on, with a cookie that no script and no other site can use', async () => {
    const answer = await login({ name: 'Olga', password, next: '/console/queues/queue/invoicing' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/console/queues/queue/invoicing']);
    const [cookie = '', ...flags] = (answer.headers.get('set-cookie') ?? '').split('; ');
    expect(cookie).toMatch(/^quittance_session=[\w-]{43}$/);
    expect(flags.filter((flag) => !flag.startsWith('Expires')).sort()).toEqual([
      'HttpOnly',
      'Max-Age=43200',
      'Path=/console',
      'SameSite=Strict',
    ]);
    expect((await browse(at('/console/queues'), { cookie })).status).toBe(200);
    expect((await browse(at('/console'), { cookie })).status).toBe(200);
  });

  test('behind https the cookie is Secure, and browsers are told to stay with https', async () => {
    const secure = await startApi({ ...settings, PUBLIC_URL: 'https://billing.example.com' });
    const answer = await browse(`${secure.url}/console/login`, { form: { name: 'olga', password } });
    expect(answer.headers.get('set-cookie')).toMatch(/; Secure(;|$)/);
    expect(answer.headers.get('strict-transport-security')).toMatch(/max-age=/);
    await secure.stop();
  });

  test.each([
    ['a wrong password', { name: 'olga', password: 'wrong' }, 401],
    ['an unknown name', { name: 'nobody', password }, 401],
    ['a name with a NUL', { name: 'olga\u0000', password }, 401],
    ['no password', { name: 'olga', password: '' }, 400],
    ['nothing', {}, 400],
  ])('%s is refused, on the same page and without a cookie', async (_what, form, status) => {
    const answer = await login(form);
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([status, null]);
    expect(await answer.text()).toContain('role="alert"');
  });

  test('what was typed comes back as text', async () => {
    const page = await (await login({ name: '"><script>alert(1)</script>', password: 'wrong' })).text();
    expect(page).not.toContain('<script>');
    expect(page).not.toContain('wrong"');
  });

  test.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '/console@evil.example',
    '/console.evil.example',
    '/console/../webhooks',
    '/console/\r\nSet-Cookie: a=b',
    'javascript:alert(1)',
    '/metrics',
    '',
  ])('never leads to another place than the console: %j', async (next) => {
    const page = await (await browse(at(`/console/login?next=${encodeURIComponent(next)}`))).text();
    expect(page).toContain('name="next" value="/console"');
  });

  test('leads to the console also when its form was made up', async () => {
    const answer = await login({ name: 'olga', password, next: '//evil.example/' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/console']);
  });
});

describe('guessing', () => {
  const from = (ip: string) => ({ 'x-forwarded-for': ip });

  test('ends after five wrong passwords for a name from one address; from elsewhere one may sign in', async () => {
    const guess = (word: string) => login({ name: 'olga', password: word }, from('192.0.2.1'));
    for (let n = 0; n < 5; n++) expect((await guess(`guess ${n}`)).status).toBe(401);
    const refused = await guess(password);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(800);
    expect(await refused.text()).toContain('Try again in 15 minutes');
    expect((await login({ name: 'victor', password }, from('192.0.2.1'))).status).toBe(303);
    expect((await login({ name: 'olga', password }, from('192.0.2.2'))).status).toBe(303);
  });

  test('many at the same time is no way around', async () => {
    const guesses = Array.from({ length: 15 }, (_, n) => login({ name: 'olga', password: `${n}` }, from('192.0.2.3')));
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
  });

  test('signing in gives back the tries', async () => {
    for (const word of ['1', '2', '3', '4', password, '5', password]) {
      expect((await login({ name: 'olga', password: word }, from('192.0.2.4'))).status).toBe(
        word === password ? 303 : 401,
      );
    }
  });

  test('many names from one address end after thirty', async () => {
    const redis = new Redis(settings.REDIS_URL ?? '');
    expect((await login({ name: 'someone', password: 'x' }, from('192.0.2.5'))).status).toBe(401);
    expect(await redis.incrby('quittance-login-address:192.0.2.5', 29)).toBe(30);
    redis.disconnect();
    expect((await login({ name: 'olga', password }, from('192.0.2.5'))).status).toBe(429);
  });
});

test('the log names who signed in and hides every password and token', async () => {
  expect(api.logs()).toContain('"admin":"olga"');
  expect(api.logs()).not.toMatch(/correct horse|guess 0|quittance_session=/);
});
