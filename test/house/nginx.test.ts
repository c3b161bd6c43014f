import { expect, test } from 'vitest';
import { answerOf } from '../support/command.ts';
import { until } from '../support/eventually.ts';
import { describeWithNginx, event, frontedApi, signed } from './nginx-before-api.ts';
import { ask, type Front, openTls } from './nginx-front.ts';

const password = 'a long enough password';

describeWithNginx('nginx with the deployed configuration, before a real api', async (program) => {
  const { front, api, databaseUrl } = await frontedApi(program);
  await answerOf(['admin', 'create', 'ada'], { DATABASE_URL: databaseUrl }, password);

  test.each(['/', '/console/login', '/v1/invoices', '/i/x', '/assets/quittance.css', '/METRICS'])(
    'whoever asks for another name gets nothing of %s',
    async (path) => {
      for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1', `evil.example:${front.https}`]) {
        expect((await ask(front, path, { headers: { host } })).status).toBe(421);
      }
      expect((await ask(front, path, { headers: { host: 'LOCALHOST' } })).status).not.toBe(421);
    },
  );

  test('events are known by their signature, and the health check by its path, whatever the name', async () => {
    const { headers, ...request } = signed(event('evt_named', ''));
    const answer = await ask(front, '/webhooks/stripe', { ...request, headers: { ...headers, host: 'old.example' } });
    expect(answer).toMatchObject({ status: 200, body: '{"received":true}' });
    expect((await ask(front, '/healthz', { headers: { host: '127.0.0.1' } })).status).toBe(200);
  });

  test.each([
    '/metrics',
    '/readyz',
    '/METRICS',
    '/metrics/',
    '//metrics',
    '/console/../metrics',
    '/%6detrics',
    '/metrics?x=1',
  ])('%s is for the monitoring inside only', async (path) => {
    const answer = await ask(front, path);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toMatch(/quittance_|checks/);
  });

  test('the same addresses answer inside', async () => {
    expect((await fetch(`${api.url}/metrics`)).status).toBe(200);
    expect((await fetch(`${api.url}/readyz`)).status).toBe(200);
  });

  test('plain HTTP is sent to HTTPS with its path, and only ever to PUBLIC_URL', async () => {
    const answer = await fetch(`http://127.0.0.1:${front.http}/console?x=1`, { redirect: 'manual' });
    expect(answer.status).toBe(301);
    expect(answer.headers.get('location')).toBe(`https://localhost:${front.https}/console?x=1`);
  });

  test('TLS 1.2 is spoken, TLS 1.1 is not', async () => {
    expect((await ask(front, '/healthz', { maxVersion: 'TLSv1.2' })).status).toBe(200);
    await expect(ask(front, '/healthz', { maxVersion: 'TLSv1.1' })).rejects.toThrow(/version|alert|unsupported/i);
  });

  test('the pages ask for HTTPS once, and nothing names the version of the server', async () => {
    for (const path of ['/console/login', '/v1/invoices', '/i/x', '/nothing']) {
      const { headers } = await ask(front, path);
      expect(headers['strict-transport-security']).toBe('max-age=31536000');
    }
    for (const path of ['/healthz', '/console/login', '/metrics']) {
      expect((await ask(front, path)).headers.server).toBe('nginx');
    }
  });

  test('somebody who holds fifty requests open gets no more answers, and Stripe’s events come through', async () => {
    const begun = await Promise.all(Array.from({ length: 50 }, () => openTls(front)));
    for (const socket of begun) {
      socket.on('error', () => {});
      socket.write('POST /console/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nname=');
    }
    const refused = await until(async () => {
      const answer = await ask(front, '/v1/invoices');
      return answer.status === 429 && answer;
    });
    expect(JSON.parse(refused.body)).toEqual({
      type: 'about:blank',
      title: 'Too Many Requests',
      status: 429,
      detail: 'Too many requests at the same time. Try again.',
    });
    expect(refused.headers['retry-after']).toBe('5');
    expect((await ask(front, '/webhooks/stripe', signed(event('evt_busy', '')))).status).toBe(200);
    for (const socket of begun) socket.destroy();
    await until(async () => (await ask(front, '/console/login')).status === 200);
  });

  test('signing in works through it, with a cookie for HTTPS only', async () => {
    const answer = await ask(front, '/console/login', signIn(front, password));
    expect(answer.status).toBe(303);
    expect(String(answer.headers['set-cookie'])).toMatch(/Secure; SameSite=Strict/);
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
    expect((await ask(front, '/console/queues', { headers: { cookie } })).status).toBe(200);
  });

  test('who signs in cannot make up the address that failures are counted for', async () => {
    const forged = signIn(front, 'wrong', { 'x-forwarded-for': '203.0.113.9' });
    expect((await ask(front, '/console/login', forged)).status).toBe(401);
    const refused = api
      .logs()
      .split('\n')
      .filter((entry) => entry.includes('sign-in refused'));
    expect(refused.at(-1)).toContain('"from":"127.0.0.1"');
  });
});

function signIn(front: Front, typed: string, headers: Record<string, string> = {}) {
  const host = `localhost:${front.https}`;
  return {
    method: 'POST',
    body: new URLSearchParams({ name: 'ada', password: typed }).toString(),
    // As a browser that knows no Sec-Fetch-Site says where it comes from.
    headers: { 'content-type': 'application/x-www-form-urlencoded', host, origin: `https://${host}`, ...headers },
  };
}
