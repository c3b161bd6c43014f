import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { rows } from '../../src/platform/db.ts';
import { apiUnderTest } from '../support/api.ts';
import { eventBody } from '../support/events.ts';
import { until } from '../support/eventually.ts';
import { deliver, signatureOf, webhookSecrets } from '../support/webhooks.ts';

const { api, db } = await apiUnderTest();
const now = () => Math.floor(Date.now() / 1000);
const fresh = JSON.stringify(eventBody('evt_refused'));

type Refusal = [
  what: string,
  request: { body?: Buffer | string; headers?: Record<string, string> },
  answer: { status: number; error: string; reason: string },
];
const wrong = 'signature verification failed';
const unreadable = 'the body is not JSON';
const none = 'the body is not a Stripe event';
const signed = (body: Buffer | string) => ({ body });

const refusals: Refusal[] = [
  [
    'another secret',
    { headers: { 'stripe-signature': signatureOf(fresh, 'whsec_x') } },
    { status: 400, error: wrong, reason: 'signature_wrong' },
  ],
  ['no signature', { headers: { 'stripe-signature': '' } }, { status: 400, error: wrong, reason: 'signature_missing' }],
  [
    'a signature of rubbish',
    { headers: { 'stripe-signature': 't=0,v1=x\'";--,,=' } },
    { status: 400, error: wrong, reason: 'signature_missing' },
  ],
  [
    'an old timestamp',
    { headers: { 'stripe-signature': signatureOf(fresh, webhookSecrets[0], now() - 310) } },
    { status: 400, error: wrong, reason: 'timestamp_stale' },
  ],
  [
    'a timestamp in the future',
    { headers: { 'stripe-signature': signatureOf(fresh, webhookSecrets[0], now() + 320) } },
    { status: 400, error: wrong, reason: 'timestamp_in_future' },
  ],
  ['an empty body', signed(''), { status: 400, error: unreadable, reason: 'json' }],
  ['no JSON', signed('{"id":'), { status: 400, error: unreadable, reason: 'json' }],
  [
    'bytes that are no UTF-8',
    signed(Buffer.concat([Buffer.from(fresh.slice(0, -1)), Buffer.from(',"a":"\xff"}', 'latin1')])),
    { status: 400, error: unreadable, reason: 'json' },
  ],
  ['a byte order mark', signed(`\ufeff${fresh}`), { status: 400, error: unreadable, reason: 'json' }],
  ['a raw NUL', signed(fresh.replace('{', '{\u0000')), { status: 400, error: unreadable, reason: 'json' }],
  ['a number', signed('7'), { status: 400, error: none, reason: 'not_an_event' }],
  [
    'something else than an event',
    signed('{"id":"evt_1","object":"charge"}'),
    { status: 400, error: none, reason: 'not_an_event' },
  ],
  [
    'an escaped NUL in its type',
    signed(JSON.stringify(eventBody('evt_1', { type: 'a\u0000' }))),
    { status: 400, error: none, reason: 'not_an_event' },
  ],
  [
    'an event of the other mode',
    signed(JSON.stringify(eventBody('evt_1', { livemode: true }))),
    { status: 400, error: 'this endpoint takes test mode events', reason: 'mode' },
  ],
  [
    'a form',
    { headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    { status: 415, error: 'send application/json', reason: 'content_type' },
  ],
  [
    'text',
    { headers: { 'content-type': 'text/plain' } },
    { status: 415, error: 'send application/json', reason: 'content_type' },
  ],
  [
    'more than a megabyte',
    signed(JSON.stringify(eventBody('evt_1', { filler: 'x'.repeat(1_048_576) }))),
    { status: 413, error: 'the body is too large', reason: 'http_413' },
  ],
  [
    'a compressed body',
    { body: gzipSync(fresh), headers: { 'content-encoding': 'gzip' } },
    { status: 415, error: 'send application/json, uncompressed', reason: 'http_415' },
  ],
];

describe('refused with a short reason', () => {
  test.each(refusals)('%s', async (_what, { body = fresh, headers }, { status, error }) => {
    const answer = await deliver(api.url, body, headers);
    expect({ status: answer.status, body: await answer.json() }).toEqual({ status, body: { error } });
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.headers.has('x-powered-by')).toBe(false);
  });

  test('another spelling of the address is the same address', async () => {
    for (const path of ['/webhooks/stripe/', '/Webhooks/Stripe']) {
      const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
      const answer = await fetch(`${api.url}${path}`, { method: 'POST', headers, body: gzipSync(fresh) });
      expect(answer.status).toBe(415);
    }
  });

  test('all of these left a record, and none an event', async () => {
    const reasons = [...refusals.map(([, , { reason }]) => reason), 'http_415', 'http_415'].sort();
    await until(async () => (await rows(db, 'SELECT FROM webhook_deliveries')).length >= reasons.length);
    const records = await rows<{ reason: string }>(
      db,
      `SELECT replace(reason, ' (counted)', '') AS reason FROM webhook_deliveries, generate_series(1, requests)
       WHERE verdict = 'rejected'`,
    );
    expect(records.map(({ reason }) => reason).sort()).toEqual(reasons);
    expect(await rows(db, 'SELECT id FROM stripe_events')).toEqual([]);
  });

  test.each(['GET', 'PUT', 'DELETE'])('%s is not understood', async (method) => {
    const answer = await fetch(`${api.url}/webhooks/stripe`, { method });
    expect([answer.status, await answer.json()]).toEqual([404, { error: 'not found' }]);
  });
});

test('the log tells nothing of what was sent', async () => {
  const said = { livemode: true, description: 'Evening course', email: 'ada@example.com' };
  const body = JSON.stringify(eventBody('evt_told', said));
  const signature = signatureOf(body);
  expect((await deliver(api.url, body, { 'stripe-signature': signature })).status).toBe(400);
  const told = api.logs();
  for (const never of [
    'Evening course',
    'ada@example.com',
    'evt_told',
    signature.slice(-20),
    webhookSecrets[0].slice(6),
  ])
    expect(told).not.toContain(never);
});
