import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import pg from 'pg';
import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { checkout } from '../../bin/lib/checkout.ts';
import { line } from '../../bin/lib/progress.ts';
import { BODY_LIMITS } from '../../src/api/http/body-limits.ts';
import { httpServer } from '../../src/api/http/http-server.ts';
import { createApiKey } from '../../src/billing/people/api-keys.ts';
import { connect } from '../../src/platform/db.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { answerOf } from '../support/command.ts';
import { freshDatabase } from '../support/database.ts';
import { until } from '../support/eventually.ts';
import { simulatorKey, startApiProcess } from '../support/processes.ts';
import { rawConnection } from '../support/raw-http.ts';
import { freshRedis } from '../support/redis.ts';
import { ask, type Front, openTls, startFront } from './nginx-front.ts';
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
  const db = connect(database.url, { name: 'test', connections: 1 });
  releaseAfterFile(() => db.destroy());
  const key = await createApiKey(db, 'shop', ['invoices:write'], 'test');

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

  test.each([
    ['/', 'publicForm'],
    ['/console', 'consoleForm'],
    ['/v1', 'api'],
    ['/webhooks/stripe', 'webhook'],
  ] as const)('%s takes a body of the size that the api takes there', async (path, kind) => {
    expect(sizeLimits()[path]).toBe(BODY_LIMITS[kind]);
    const body = 'x'.repeat(BODY_LIMITS[kind] + 1);
    expect((await ask(front, path, { method: 'POST', body })).status).toBe(413);
  });

  test('a body that /v1 takes comes through; a larger one is refused in the form of /v1, as by the api itself', async () => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
    const post = (length: number) =>
      ask(front, '/v1/invoices', { method: 'POST', headers, body: JSON.stringify({ notes: 'x'.repeat(length) }) });
    expect((await post(71_000)).status).toBe(422);
    const tooLarge = await post(103_000);
    expect([tooLarge.status, tooLarge.headers['content-type']]).toEqual([413, 'application/json; charset=utf-8']);
    const direct = await fetch(`${api.url}/v1/invoices`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ notes: 'x'.repeat(103_000) }),
    });
    expect(JSON.parse(tooLarge.body)).toEqual(await direct.json());
  });

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

  test('a header that never ends is broken off', async () => {
    const slow = rawConnection(await openTls(front));
    slow.send('POST /console/login HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    slow.trickle(50);
    expect(await slow.answer()).not.toContain('HTTP/1.1 2');
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
      error: { message: 'Too many requests at the same time. Try again.', problems: [] },
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

  test('the access log holds paths without their query', async () => {
    await ask(front, '/healthz?email=ada@example.com');
    await until(() => front.accessLog().includes('"path":"/healthz"'));
    expect(front.accessLog()).not.toContain('ada@example.com');
  });

  const links = ['/i/', '/I/', '//i/', '/%69/'].map((way) => `${way}abcdefghijklmnopTheSecretPartOfTheLink/pay`);

  test('nor does it hold the links of invoices, in whatever case', async () => {
    for (const link of links) await ask(front, link);
    // nginx answers first and writes its log after.
    await until(() => front.accessLog().split('"path":"/i/..."').length > links.length);
    expect(front.accessLog()).not.toContain('TheSecretPart');
  });

  describe('with the api gone', () => {
    test('Stripe is answered 502, so that it sends the event again', async () => {
      await api.stop();
      expect((await ask(front, '/webhooks/stripe', signed(event('evt_later', '')))).status).toBe(502);
    });

    test('programs are told so in the form of /v1, and people in a sentence', async () => {
      const forPrograms = await ask(front, '/v1/invoices?search=ada@example.com');
      expect(forPrograms).toMatchObject({ status: 502, headers: { 'retry-after': '5' } });
      expect(JSON.parse(forPrograms.body)).toEqual({
        error: { message: 'The API can’t be reached just now. Try again.', problems: [] },
      });
      const forPeople = await ask(front, '/console');
      expect(forPeople).toMatchObject({ status: 502, headers: { 'content-type': 'text/html; charset=utf-8' } });
      expect(forPeople.body).toContain('Please try again in a minute');
    });

    test('no log of nginx holds what was asked', async () => {
      for (const link of links) expect((await ask(front, `${link}?mail=ada@example.com`)).status).toBe(502);
      await until(() => front.accessLog().split('"status":502').length > links.length);
      expect(front.accessLog() + front.errors()).not.toMatch(/TheSecretPart|ada@example/);
    });
  });
});

describe.skipIf('missing' in program)('nginx before an api whose deadlines are short', async () => {
  if ('missing' in program) return;
  const server = httpServer(
    express().post('/v1/slow', express.raw({ type: '*/*' }), (_request, response) => void response.send('read')),
    { headerMs: 200, requestMs: 400, checkedEveryMs: 20 },
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  releaseAfterFile(async () => {
    server.closeAllConnections();
    server.close();
  });
  const front = await startFront(program, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  test.each([
    ['that says how long it is', 'Content-Length: 90000\r\n\r\n'],
    ['that does not', 'Transfer-Encoding: chunked\r\n\r\n5fff\r\n'],
  ])('a body %s and comes byte by byte is ended by the api, and told why', async (_what, rest) => {
    const slow = rawConnection(await openTls(front));
    slow.send(`POST /v1/slow HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n${rest}`);
    slow.trickle(50);
    const answer = await slow.answer();
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain(
      '{"error":{"message":"The request took too long to arrive. Send it again.","problems":[]}}',
    );
  });
});

/** `client_max_body_size` by the location for which it is said; `/` is what holds without one. */
function sizeLimits(): Record<string, number> {
  const text = readFileSync(join(checkout, 'deploy/nginx/quittance.conf'), 'utf8');
  const parts = text.split(/^ {4}location /m).map((part) => {
    const [, path = '/'] = /^(?:= |~\* \^)(\/[a-z0-9/]+)/.exec(part) ?? [];
    const [, size, unit] = /client_max_body_size (\d+)([km]);/.exec(part) ?? [];
    return [path, Number(size) * (unit === 'm' ? MEBIBYTE : 1024)] as const;
  });
  return Object.fromEntries(parts.filter(([, size]) => !Number.isNaN(size)));
}

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
