import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { DeliveryFailure } from '../../src/messages/delivery-failure.ts';
import { postWebhook } from '../../src/messages/outgoing-webhook.ts';
import { addressOf } from '../../src/platform/server-address.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { startWebhookSink } from '../support/webhook-sink.ts';

const sink = await startWebhookSink();
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const body = JSON.stringify({ type: 'invoice.paid', data: { amount: 1_999, note: 'Grüße' } });
const id = '0b0b5e0e-9f0e-4f6e-8d58-0123456789ab';

const post = (more: Partial<Parameters<typeof postWebhook>[0]> = {}) =>
  postWebhook({ id, url: sink.url, secret, body, allowPrivate: true, ...more });

async function failure(more: Partial<Parameters<typeof postWebhook>[0]> = {}): Promise<DeliveryFailure> {
  const error = await post(more).catch((reason: unknown) => reason);
  if (!(error instanceof DeliveryFailure)) throw new Error(`no failure, but ${String(error)}`);
  return error;
}

/** The fifteen seconds of a try pass at once. @param ms more where an answer has to begin before they are over */
function shortTimeout(ms = 150): void {
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout(ms));
}

afterEach(() => {
  vi.restoreAllMocks();
  sink.received.length = 0;
  sink.answer(204);
});

describe('what arrives', () => {
  test('verifies with the standardwebhooks package, to the byte', async () => {
    expect(await post()).toBe('204');
    const [got] = sink.received;
    expect(got?.body).toBe(body);
    const headers = Object.fromEntries(
      Object.entries(got?.headers ?? {}).map(([name, value]) => [name, String(value)]),
    );
    expect(headers).toMatchObject({ 'webhook-id': id, 'content-type': 'application/json', 'user-agent': 'Quittance' });
    expect(new Webhook(secret).verify(got?.body ?? '', headers)).toEqual(JSON.parse(body));
    expect(() => new Webhook(secret).verify(`${got?.body} `, headers)).toThrow('No matching signature');
    const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
    expect(() => new Webhook(other).verify(got?.body ?? '', headers)).toThrow('No matching signature');
    expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(5);
  });

  test('has no trace of the secret', async () => {
    await post();
    expect(JSON.stringify(sink.received)).not.toContain(secret.slice(6));
  });
});

describe('the answer', () => {
  test.each([200, 201, 202, 299])('%i is success', async (status) => {
    sink.answer(status);
    expect(await post()).toBe(String(status));
  });

  test.each([300, 400, 401, 404, 500, 503])('%i is none: it is tried again', async (status) => {
    sink.answer(status);
    expect(await failure()).toMatchObject({ kind: 'temporary', brief: `answer ${status}` });
  });

  test('410 means that nothing is wanted any more', async () => {
    sink.answer(410);
    expect(await failure()).toMatchObject({ kind: 'gone', brief: 'answer 410' });
  });

  test.each([301, 302, 307, 308])('%i is not followed', async (status) => {
    sink.answer((response) => response.writeHead(status, { location: '/elsewhere' }).end());
    expect(await failure()).toMatchObject({ kind: 'temporary', brief: `answer ${status}` });
    expect(sink.received.map(({ path }) => path)).toEqual(['/events']);
  });

  test.each([
    ['seconds', '120', 120],
    ['a date', new Date(Date.now() + 60_000).toUTCString(), expect.closeTo(60, -1)],
    ['rubbish', 'soon', undefined],
    ['a time gone by', new Date(0).toUTCString(), undefined],
  ])('may ask for a pause, in %s', async (_how, header, retryAfter) => {
    sink.answer((response) => response.writeHead(429, { 'retry-after': header }).end());
    expect((await failure()).retryAfter).toEqual(retryAfter);
  });

  test('is kept to its beginning', async () => {
    sink.answer((response) => response.writeHead(500).end('x'.repeat(10_000)));
    expect((await failure()).message).toBe(`the endpoint answered 500 ${'x'.repeat(300)}`);
  });

  test('with an endless body counts by its status', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    sink.answer((response) => {
      closed = new Promise((resolve) => response.on('close', resolve));
      response.writeHead(200);
      const pour = (): void => {
        if (!response.destroyed && response.write('z'.repeat(1_000))) setImmediate(pour);
        else response.once('drain', pour);
      };
      pour();
    });
    const began = performance.now();
    expect(await post()).toMatch(/^200 z{300}$/);
    await closed;
    expect(performance.now() - began, 'nobody waits for the end').toBeLessThan(5_000);
  });

  test('whose body never ends counts by its status when the time is over', async () => {
    shortTimeout(1_500);
    sink.answer((response) => void response.writeHead(202).write('working on it'));
    expect(await post()).toBe('202 working on it');
    sink.answer((response) => void response.writeHead(500).write('working on it'));
    expect((await failure()).brief).toBe('answer 500');
  });
});

describe('no answer', () => {
  test('within the time of a try is a failure', async () => {
    shortTimeout();
    sink.answer(() => {});
    expect(await failure()).toMatchObject({ kind: 'temporary', brief: 'timeout', message: 'no answer within 15 s' });
  });

  test.each([
    ['with another protocol', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ['with 101 and nothing more', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['with 101 and Upgrade alone', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n'],
    ['with 100 for ever', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['with half a head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['with no HTTP at all', '\0\0\0\r\n\r\n'],
  ])('but %s is a failure', async (_what, raw) => {
    shortTimeout();
    sink.answer((response) => void response.socket?.write(raw));
    expect(await failure()).toMatchObject({ kind: 'temporary' });
  });

  test('because nobody listens, because the name is unknown, or because it was broken off', async () => {
    const gone = await startWebhookSink();
    await gone.close();
    expect(await failure({ url: gone.url })).toMatchObject({ kind: 'temporary', brief: 'ECONNREFUSED' });
    expect((await failure({ url: 'https://no-such-host.invalid/' })).brief).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
    sink.answer((response) => response.destroy());
    expect(await failure()).toMatchObject({ kind: 'temporary', brief: 'ECONNRESET' });
  });

  test('that can be trusted: a certificate that nobody vouches for', async () => {
    const url = await startSelfSigned();
    expect(await failure({ url })).toMatchObject({ kind: 'temporary', brief: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });
});

describe('a private address is not even connected to', () => {
  test.each(['127.0.0.1', '[::ffff:127.0.0.1]', 'localhost', '0.0.0.0', '2130706433'])('written %s', async (host) => {
    const url = new URL(sink.url);
    const direct = `http://${host}:${url.port}${url.pathname}`;
    expect(await failure({ url: direct, allowPrivate: false })).toMatchObject({ brief: 'private address' });
    expect(sink.received).toEqual([]);
  });
});

async function startSelfSigned(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'quittance-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const words = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 2 -subj /CN=127.0.0.1'.split(
    ' ',
  );
  const made = spawnSync('openssl', [...words, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert]);
  if (made.status !== 0) throw new Error(`openssl could not make a certificate: ${made.stderr}`);
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) =>
    response.end(),
  );
  rmSync(folder, { recursive: true });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  releaseAfterFile(async () => void server.close());
  const { port } = addressOf(server);
  return `https://127.0.0.1:${port}/events`;
}
