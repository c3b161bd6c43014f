import { once } from 'node:events';
import express from 'express';
import { expect, test } from 'vitest';
import { httpServer } from '../../../src/api/http/http-server.ts';
import { addressOf } from '../../../src/platform/server-address.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { rawConnection } from '../../support/raw-http.ts';

/** The deadlines of the api, a fiftieth as long. */
const deadlines = { headerMs: 200, requestMs: 400, checkedEveryMs: 20 };
const site = express();
let served = 0;
site.post('/', express.raw({ type: '*/*' }), (request, response) => {
  served += 1;
  response.send(String(request.body.length));
});
const server = httpServer(site, deadlines).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = addressOf(server);
releaseAfterFile(async () => {
  server.closeAllConnections();
  server.close();
});

const head = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n';

test.each([
  ['a header that never ends', (): string => 'POST / HTTP/1.1\r\nX-Slow: '],
  ['a body that comes byte by byte', (): string => `${head}Content-Length: 1000000\r\n\r\n`],
  ['a body in pieces without an end', (): string => `${head}Transfer-Encoding: chunked\r\n\r\nfffff\r\n`],
])('%s is broken off in time, and told why in JSON', async (_what, begin) => {
  const before = served;
  const connection = rawConnection(port);
  const began = performance.now();
  connection.send(begin());
  connection.trickle(20);
  const answer = await connection.answer();
  // Never before the deadline, and not held on to: a generous bound, as machines may be busy.
  expect(performance.now() - began).toBeGreaterThan(150);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  const [, body = ''] = answer.split('\r\n\r\n');
  expect(JSON.parse(body)).toEqual({
    type: 'about:blank',
    title: 'Request Timeout',
    status: 408,
    detail: 'The request took too long to arrive. Send it again.',
  });
  expect(served).toBe(before);
});

test('a connection that waits for its next request is left open, longer than a request may take', async () => {
  const post = (body: string) => `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
  const patient = rawConnection(port);
  patient.send(post('abc'));
  await patient.until('\r\n\r\n3');
  await patient.until('Keep-Alive: timeout=75');
  const slow = rawConnection(port);
  slow.send(`${head}Content-Length: 1000000\r\n\r\n`);
  slow.trickle(20);
  expect(await slow.answer()).toMatch(/^HTTP\/1\.1 408 /);
  patient.send(post('four'));
  await patient.until('\r\n\r\n4');
});

test.each([
  ['no request at all', 'nonsense\r\n\r\n', 400],
  ['a header of 20 kB', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
])('%s is answered in JSON', async (_what, text, status) => {
  const connection = rawConnection(port);
  connection.send(text);
  const answer = await connection.answer();
  expect(answer.startsWith(`HTTP/1.1 ${status} `)).toBe(true);
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ type: 'about:blank', status });
});

test('requests that do not wait for each other’s answers are begun one after another, and not when nobody is there', async () => {
  let [begun, atOnce, most] = [0, 0, 0];
  const busy = httpServer((request, response) => {
    begun += 1;
    atOnce += 1;
    most = Math.max(most, atOnce);
    setTimeout(() => {
      atOnce -= 1;
      response.end(`answer to ${request.url};`);
      if (request.url === '/gone') request.socket.destroy();
    }, 2);
  }, deadlines).listen(0, '127.0.0.1');
  await once(busy, 'listening');
  releaseAfterFile(async () => void busy.close());
  const to = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const connection = rawConnection(addressOf(busy).port);
  connection.send(Array.from({ length: 40 }, (_, at) => to(`/${at}`)).join('') + to('/gone') + to('/never').repeat(40));
  const answers = [...(await connection.answer()).matchAll(/answer to \/(\d+);/g)].map((match) => Number(match[1]));
  expect(answers).toEqual(Array.from({ length: 40 }, (_, at) => at));
  expect([begun, most]).toEqual([41, 1]);
});
