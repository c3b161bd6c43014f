import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import express from 'express';
import pg from 'pg';
import { expect, test } from 'vitest';
import { checkout } from '../../bin/lib/checkout.ts';
import { BODY_LIMITS } from '../../src/api/http/body-limits.ts';
import { httpServer } from '../../src/api/http/http-server.ts';
import { createApiKey } from '../../src/billing/people/api-keys.ts';
import { connect } from '../../src/platform/db.ts';
import { addressOf } from '../../src/platform/server-address.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { rawConnection } from '../support/raw-http.ts';
import { describeWithNginx, event, frontedApi, signed } from './nginx-before-api.ts';
import { ask, type Front, openTls, startFront } from './nginx-front.ts';

const MEBIBYTE = 1024 * 1024;

describeWithNginx('what is sent through nginx with the deployed configuration', async (program) => {
  const { front, api, databaseUrl } = await frontedApi(program);
  const db = connect(databaseUrl, { name: 'test', connections: 1 });
  releaseAfterFile(() => db.destroy());
  const key = await createApiKey(db, 'shop', ['invoices:write'], 'test');

  test('a signed event of 200 kB arrives to the byte, so that its signature still fits', async () => {
    const body = event('evt_proxied', 'zwölf Boxkämpfer \\u0000 '.repeat(8_000));
    const answer = await ask(front, '/webhooks/stripe', signed(body));
    expect(answer).toMatchObject({ status: 200, body: '{"received":true}' });
    expect(await storedBody(databaseUrl, 'evt_proxied')).toBe(body);
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
    expect([tooLarge.status, tooLarge.headers['content-type']]).toEqual([
      413,
      'application/problem+json; charset=utf-8',
    ]);
    const direct = await fetch(`${api.url}/v1/invoices`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ notes: 'x'.repeat(103_000) }),
    });
    expect(JSON.parse(tooLarge.body)).toEqual(await direct.json());
  });

  test('a header that never ends is broken off', async () => {
    const slow = rawConnection(await openTls(front));
    slow.send('POST /console/login HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    slow.trickle(50);
    expect(await slow.answer()).not.toContain('HTTP/1.1 2');
  });
});

describeWithNginx('nginx before an api whose deadlines are short', async (program) => {
  const server = httpServer(
    express().post('/v1/slow', express.raw({ type: '*/*' }), (_request, response) => void response.send('read')),
    { headerMs: 200, requestMs: 400, checkedEveryMs: 20 },
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  releaseAfterFile(async () => {
    server.closeAllConnections();
    server.close();
  });
  const front = await startFront(program, `http://127.0.0.1:${addressOf(server).port}`);

  test.each([
    ['that says how long it is', 'Content-Length: 90000\r\n\r\n'],
    ['that does not', 'Transfer-Encoding: chunked\r\n\r\n5fff\r\n'],
  ])('a body %s and comes byte by byte is ended by the api, and told why', async (_what, rest) => {
    const slow = rawConnection(await openTls(front));
    slow.send(`POST /v1/slow HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n${rest}`);
    slow.trickle(50);
    const answer = await slow.answer();
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"detail":"The request took too long to arrive. Send it again."');
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
