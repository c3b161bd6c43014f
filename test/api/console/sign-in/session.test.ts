import { describe, expect, test } from 'vitest';
import { saveAdmin } from '../../../../src/billing/people/admins.ts';
import { rows } from '../../../../src/platform/db.ts';
import { apiUnderTest } from '../../../support/api.ts';
import { browse, cookieOf } from '../../../support/browse.ts';

const { api, db } = await apiUnderTest();
await saveAdmin(db, { name: 'olga', password: 'correct horse battery', role: 'operator' }, { actor: 'test' });
await saveAdmin(db, { name: 'victor', password: 'correct horse battery', role: 'viewer' }, { actor: 'test' });
const at = (path: string) => `${api.url}${path}`;

describe('the login page', () => {
  test('is shown to anybody, kept by no cache, with a policy that allows itself alone', async () => {
    const page = await browse(at('/console/login'));
    expect(page.status).toBe(200);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('content-security-policy')?.split(';').sort()).toEqual([
      "base-uri 'none'",
      "default-src 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "img-src 'self' data:",
      "style-src 'self'",
    ]);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('x-powered-by')).toBeNull();
    expect(page.headers.get('strict-transport-security')).toBeNull();
    expect(await page.text()).toContain('<form method="post" action="/console/login">');
    expect((await browse(at('/assets/quittance.css'))).headers.get('content-type')).toMatch(/^text\/css/);
  });

  test('is where a page of the console sends somebody unknown, who then comes back to it', async () => {
    const page = await browse(at('/console/queues/queue/invoicing?status=failed'));
    expect(page.status).toBe(303);
    const to = page.headers.get('location') ?? '';
    expect(to).toBe('/console/login?next=%2Fconsole%2Fqueues%2Fqueue%2Finvoicing%3Fstatus%3Dfailed');
    expect(await (await browse(at(to))).text()).toContain('value="/console/queues/queue/invoicing?status=failed"');
  });

  test('everything else than a page is refused to somebody unknown', async () => {
    const api = await browse(at('/console/queues/api/queues'), { headers: { accept: 'application/json' } });
    expect([api.status, await api.json()]).toEqual([401, { error: 'sign in first' }]);
    expect((await browse(at('/console/queues/api/queues/invoicing/pause'), { method: 'PUT' })).status).toBe(401);
    expect((await browse(at('/console/queues'), { cookie: 'quittance_session=forged' })).status).toBe(303);
  });
});

test('signing out ends the session, not only its cookie', async () => {
  const cookie = await cookieOf(db, 'olga');
  const answer = await browse(at('/console/logout'), { method: 'POST', cookie });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/console/login']);
  expect(answer.headers.get('set-cookie')).toMatch(/^quittance_session=; .*Expires=Thu, 01 Jan 1970/);
  expect((await browse(at('/console/queues'), { cookie })).status).toBe(303);
});

test('cookies of the same name that another host has set beside it sign nobody out', async () => {
  const cookie = await cookieOf(db, 'olga');
  for (const sent of [`quittance_session=forged; ${cookie}`, `${cookie}; quittance_session=forged`]) {
    expect((await browse(at('/console'), { cookie: sent })).status).toBe(200);
  }
  const many = Array.from({ length: 200 }, (_, n) => `quittance_session=f${n}`).join('; ');
  expect((await browse(at('/console'), { cookie: `${many}; ${cookie}` })).status).toBe(200);
  await browse(at('/console/logout'), { method: 'POST', cookie: `quittance_session=forged; ${cookie}` });
  expect((await browse(at('/console'), { cookie })).status).toBe(303);
});

test('a session ends after an hour in which nobody asked for a page; what Bull Board asks by itself does not count', async () => {
  const cookie = await cookieOf(db, 'olga');
  const idle = async (minutes: number) => {
    await rows(db, 'UPDATE admin_sessions SET seen_at = seen_at - make_interval(mins => ?)', [minutes]);
  };
  await idle(59);
  expect((await browse(at('/console'), { cookie })).status).toBe(200);
  await idle(59);
  expect((await browse(at('/console/queues/api/queues'), { cookie })).status).toBe(200);
  await idle(2);
  expect((await browse(at('/console'), { cookie })).status).toBe(303);
});

describe('another site', () => {
  const elsewhere = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': '', origin: 'https://evil.example' },
    { 'sec-fetch-site': '', origin: 'null' },
    { 'sec-fetch-site': '' },
  ];

  test.each(elsewhere)('can neither sign somebody in or out, nor change a queue: %j', async (headers) => {
    const cookie = await cookieOf(db, 'olga');
    const answers = [
      await browse(at('/console/login'), { form: { name: 'olga', password: 'correct horse battery' }, headers }),
      await browse(at('/console/logout'), { method: 'POST', cookie, headers }),
      await browse(at('/console/queues/api/queues/invoicing/pause'), { method: 'PUT', cookie, headers }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect((await browse(at('/console/queues'), { cookie })).status).toBe(200);
  });

  test('an old browser that names the origin alone is let through from our own', async () => {
    const headers = { 'sec-fetch-site': '', origin: new URL(api.url).origin };
    expect((await browse(at('/console/logout'), { method: 'POST', headers })).status).toBe(303);
  });
});

describe('Bull Board', () => {
  test('is a page for those who signed in, with its own policy', async () => {
    const page = await browse(at('/console/queues'), { cookie: await cookieOf(db, 'victor') });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('Quittance queues');
    const policy = page.headers.get('content-security-policy')?.split(';') ?? [];
    expect(policy).toEqual(
      expect.arrayContaining(["script-src 'self'", "default-src 'none'", "frame-ancestors 'none'"]),
    );
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  test('a viewer can look at all queues and change none', async () => {
    const cookie = await cookieOf(db, 'victor');
    const queues = await (await browse(at('/console/queues/api/queues'), { cookie })).json();
    expect(queues.queues.map(({ name }: { name: string }) => name)).toContain('invoicing');
    const changes = [
      ['PUT', 'invoicing/pause'],
      ['PUT', 'invoicing/retry/failed'],
      ['PUT', 'invoicing/evt_1/clean'],
      ['POST', 'invoicing/add'],
    ] as const;
    for (const [method, path] of changes) {
      const headers = { accept: 'application/json' };
      const answer = await browse(at(`/console/queues/api/queues/${path}`), { method, cookie, headers });
      expect([answer.status, await answer.json()]).toEqual([403, { error: 'a viewer can look, but not change' }]);
    }
  });
});
