import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { saveAdmin } from '../../../../src/billing/people/admins.ts';
import { apiUnderTest } from '../../../support/api.ts';
import { browse } from '../../../support/browse.ts';
import { startApi } from '../../../support/served.ts';

// One proxy is trusted, so that each request can come from an address of its own.
const { api, db, settings } = await apiUnderTest({ TRUSTED_PROXIES: '1' });
const password = 'correct horse battery';
await saveAdmin(db, { name: 'olga', password, role: 'operator' }, { actor: 'test' });
await saveAdmin(db, { name: 'victor', password, role: 'viewer' }, { actor: 'test' });

const at = (path: string) => `${api.url}${path}`;
const login = (form: Record<string, string>, headers: Record<string, string> = {}) =>
  browse(at('/console/login'), { form, headers });

describe('signing in', () => {
  test('with name and password leads on, with a cookie that no script and no other site can use', async () => {
    const answer = await login({ name: 'Olga', password, next: '/console/queues/queue/invoicing' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/console/queues/queue/invoicing']);
    const [session = '', browser = ''] = answer.headers.getSetCookie();
    expect(browser).toMatch(
      /^quittance_browser=[\w-]{43}; Max-Age=7776000; Path=\/console;.* HttpOnly; SameSite=Strict$/,
    );
    const [cookie = '', ...flags] = session.split('; ');
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

  test('behind https the cookies are Secure and of this host alone, and browsers are told to stay with https', async () => {
    const secure = await startApi({ ...settings, PUBLIC_URL: 'https://billing.example.com' });
    const answer = await browse(`${secure.url}/console/login`, { form: { name: 'olga', password } });
    const cookies = answer.headers.getSetCookie();
    for (const cookie of cookies)
      expect(cookie).toMatch(/^__Host-quittance_(session|browser)=[^;]+; .*Path=\/; .*Secure/);
    expect(cookies).toHaveLength(2);
    expect(cookies.join()).not.toMatch(/Domain=/i);
    const [session = ''] = cookies.map((cookie) => String(cookie.split(';')[0]));
    const page = (cookie: string) => browse(`${secure.url}/console`, { cookie });
    expect((await page(session)).status).toBe(200);
    // The name of before, which a sibling host may set, opens nothing.
    expect((await page(session.replace('__Host-', ''))).status).toBe(303);
    const out = await browse(`${secure.url}/console/logout`, { method: 'POST', cookie: session });
    expect(out.headers.get('set-cookie')).toMatch(
      /^__Host-quittance_session=; Path=\/; Expires=Thu, 01 Jan 1970.*Secure/,
    );
    expect((await page(session)).status).toBe(303);
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

  test('from many addresses of one IPv6 network is from one', async () => {
    const guess = (n: number) => login({ name: 'ipv6', password: 'x' }, from(`2001:db8:7:7::${n.toString(16)}`));
    const statuses: number[] = [];
    for (let n = 1; n <= 7; n++) statuses.push((await guess(n)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect((await login({ name: 'ipv6', password: 'x' }, from('2001:db8:7:8::1'))).status).toBe(401);
    expect((await login({ name: 'mapped', password: 'x' }, from('::ffff:192.0.2.1'))).status).toBe(401);
  });

  test('for a name from everywhere delays it, real or not; a browser that it has signed in with is not delayed', async () => {
    const redis = new Redis(settings.REDIS_URL ?? '');
    const cookies = (await login({ name: 'victor', password }, from('192.0.2.20'))).headers.getSetCookie();
    const browser = cookies.map((cookie) => String(cookie.split(';')[0])).find((one) => one.includes('browser'));
    const held = { name: 'victor', password: 'x' };
    for (const name of ['victor', 'made-up']) {
      await redis.set(`quittance-login-name-anywhere:${name}`, 20, 'EX', 900);
      await redis.set(`quittance-login-pace:${name}`, 1, 'EX', 60);
    }
    const [real, unknown] = await Promise.all(
      ['victor', 'made-up'].map(async (name) => {
        const answer = await login({ name, password: 'x' }, from('192.0.2.21'));
        return [answer.status, answer.headers.get('retry-after'), (await answer.text()).replaceAll(name, 'NAME')];
      }),
    );
    expect(real).toEqual(unknown);
    expect(real?.slice(0, 2)).toEqual([429, '60']);
    expect(real?.[2]).toContain('in a browser in which you have signed in before');

    const known = (form: Record<string, string>) =>
      browse(at('/console/login'), { form, headers: from('192.0.2.22'), ...(browser ? { cookie: browser } : {}) });
    expect((await known({ ...held, password })).status).toBe(303);
    expect((await known({ name: 'made-up', password: 'x' })).status).toBe(429);
    // Its turn comes.
    await redis.del('quittance-login-pace:victor');
    expect((await login({ name: 'victor', password }, from('192.0.2.23'))).status).toBe(303);
    redis.disconnect();
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
  const from = { 'x-forwarded-for': '192.0.2.99' };
  expect((await login({ name: 'olga', password: 'a wrong guess' }, from)).status).toBe(401);
  const answer = await login({ name: 'olga', password }, from);
  const tokens = answer.headers.getSetCookie().map((cookie) => cookie.split(/[=;]/)[1] ?? '');
  expect(tokens).toEqual([expect.stringMatching(/^[\w-]{43}$/), expect.stringMatching(/^[\w-]{43}$/)]);
  const told = api.logs();
  expect(told).toContain('"admin":"olga"');
  for (const never of [password, 'a wrong guess', ...tokens]) expect(told).not.toContain(never);
});
