import { once } from 'node:events';
import { request } from 'node:https';
import pg from 'pg';
import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { line } from '../../bin/lib/progress.ts';
import { answerOf } from '../support/command.ts';
import { freshDatabase } from '../support/database.ts';
import { until } from '../support/eventually.ts';
import { simulatorKey, startApiProcess } from '../support/processes.ts';
import { freshRedis } from '../support/redis.ts';
import { ask, type Front, startFront } from './nginx-front.ts';
import { findNginx } from './nginx-program.ts';

const program = await findNginx();
if ('missing' in program) line(`! The tests of the nginx configuration are skipped: ${program.missing}`);

const MEBIBYTE = 1024 * 1024;
const secret = 'whsec_nginxtest0123456789abcdef';
const password = 'a long enough password';

describe.skipIf('missing' in program)('nginx with the deployed configuration, before a real api', async () => {
  if ('missing' in program) return;
  const [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  const api = await startApiProcess({
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    STRIPE_SECRET_KEY: simulatorKey,
    STRIPE_WEBHOOK_SECRETS: secret,
    PUBLIC_URL: 'https://localhost',
    TRUSTED_PROXIES: '1',
  });
  const front = await startFront(program, api.url);
  await answerOf(['admin', 'create', 'ada'], { DATABASE_URL: database.url }, password);

  test('a signed event of 200 kB arrives to the byte, so that its signature still fits', async () => {
    const body = event('evt_proxied', 'zwölf Boxkämpfer \\u0000 '.repeat(8_000));
    const answer = await ask(front, '/webhooks/stripe', signed(body));
    expect(answer).toMatchObject({ status: 200, body: '{"received":true}' });
    expect(await storedBody(database.url, 'evt_proxied')).toBe(body);
  });

  test('a body of 1 MiB is left to the api, one byte more is refused with a short JSON error', async () => {
    const most = await ask(front, '/webhooks/stripe', signed('x'.repeat(MEBIBYTE)));
    expect(most).toMatchObject({ status: 400, body: '{"error":"the body is not JSON"}' });
    const tooMuch = await ask(front, '/webhooks/stripe', signed('x'.repeat(MEBIBYTE + 1)));
    expect(tooMuch).toMatchObject({ status: 413, body: '{"error":"the body is too large"}' });
    expect(tooMuch.headers['content-type']).toBe('application/json');
  });

  test('a body that does not say how long it is is refused at the same size', async () => {
    expect(await sendChunks(front, 'x'.repeat(MEBIBYTE / 4), 6)).toBe(413);
  });

  test('pages take no large bodies', async () => {
    const login = { method: 'POST', body: 'x'.repeat(65 * 1024) };
    expect((await ask(front, '/console/login', login)).status).toBe(413);
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

  test('plain HTTP is sent to HTTPS, with its path', async () => {
    const answer = await fetch(`http://127.0.0.1:${front.http}/console?x=1`, { redirect: 'manual' });
    expect(answer.status).toBe(301);
    expect(answer.headers.get('location')).toBe('https://127.0.0.1/console?x=1');
  });

  test('TLS 1.2 is spoken, TLS 1.1 is not', async () => {
    expect((await ask(front, '/healthz', { maxVersion: 'TLSv1.2' })).status).toBe(200);
    await expect(ask(front, '/healthz', { maxVersion: 'TLSv1.1' })).rejects.toThrow(/version|alert|unsupported/i);
  });

  test('every answer asks for HTTPS once, and none names the version of the server', async () => {
    for (const path of ['/healthz', '/console/login', '/metrics']) {
      const { headers } = await ask(front, path);
      expect(headers['strict-transport-security']).toBe('max-age=31536000');
      expect(headers.server).toBe('nginx');
    }
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

  test('the access log holds paths without their query', async () => {
    await ask(front, '/healthz?email=ada@example.com');
    await until(() => front.accessLog().includes('"path":"/healthz"'));
    expect(front.accessLog()).not.toContain('ada@example.com');
  });

  test('nor does it hold the links of invoices', async () => {
    await ask(front, '/i/abcdefghijklmnopTheSecretPartOfTheLink/pay');
    // nginx answers first and writes its log after.
    await until(() => front.accessLog().includes('"path":"/i/..."'));
    expect(front.accessLog()).not.toContain('TheSecretPart');
  });

  test('with the api gone Stripe is answered 502, so that it sends the event again', async () => {
    await api.stop();
    expect((await ask(front, '/webhooks/stripe', signed(event('evt_later', '')))).status).toBe(502);
  });
});

function event(id: string, note: string): string {
  const object = `{ "id": "pi_1", "object": "payment_intent", "description": "${note}" }`;
  return `{"id":"${id}", "object":"event",\n  "type":"payment_intent.succeeded", "created":1790000000, "livemode":false, "data":{"object":${object}}}`;
}

function signed(body: string) {
  const header = Stripe.webhooks.generateTestHeaderString({ payload: body, secret });
  return { method: 'POST', body, headers: { 'content-type': 'application/json', 'stripe-signature': header } };
}

function signIn(front: Front, typed: string, headers: Record<string, string> = {}) {
  const host = `localhost:${front.https}`;
  return {
    method: 'POST',
    body: new URLSearchParams({ name: 'ada', password: typed }).toString(),
    // As a browser that knows no Sec-Fetch-Site says where it comes from.
    headers: { 'content-type': 'application/x-www-form-urlencoded', host, origin: `https://${host}`, ...headers },
  };
}

async function storedBody(url: string, id: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query('SELECT payload::text AS body FROM stripe_events WHERE id = $1', [id]);
    return String(found.rows[0]?.body);
  } finally {
    await client.end();
  }
}

async function sendChunks(front: Front, chunk: string, times: number): Promise<number> {
  const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
  const where = { host: '127.0.0.1', port: front.https, servername: 'localhost', ca: front.certificate, agent: false };
  const sent = request({ ...where, method: 'POST', path: '/webhooks/stripe', headers });
  sent.on('error', () => {}); // it stops listening while we still send
  for (let count = 0; count < times; count++) sent.write(chunk);
  sent.end();
  const [response] = await once(sent, 'response');
  response.resume();
  return response.statusCode;
}
