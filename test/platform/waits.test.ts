import { createServer, Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { jobQueues } from '../../src/jobs/enqueue.ts';
import { postWebhook } from '../../src/messages/outgoing-webhook.ts';
import { connect, rows, SILENCE_MS } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { signalConnection } from '../../src/platform/redis.ts';
import { TimeIsUp, within } from '../../src/platform/within.ts';
import { createStripe } from '../../src/stripe/client.ts';
import { unlimited } from '../../src/stripe/limiter.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { freshDatabase } from '../support/database.ts';
import { transportTo } from '../support/outbox.ts';

/** No wait on somebody else is without an end of its own, however he behaves. */
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

const peers: Readonly<Record<string, (socket: Socket) => void>> = {
  'that says nothing': () => {},
  'that closes at once': (socket) => socket.destroy(),
  'that ends its side and keeps ours open': (socket) => socket.end(),
  'that wants to speak another protocol': (socket) =>
    void socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'),
  'that sends a head without an end': (socket) => drip(socket, `${HEAD}x-long: `),
  'that sends a body without an end': (socket) => drip(socket, `${HEAD}content-length: 1000000\r\n\r\n{"data": "`),
  'that breaks off in the middle': (socket) => {
    socket.write(`${HEAD}content-length: 1000000\r\n\r\n{"data": "`, () => socket.destroy());
  },
};

/** A byte now and then: a timeout of silence never comes. */
function drip(socket: Socket, beginning: string): void {
  socket.write(beginning);
  const timer = setInterval(() => socket.write('x'), 20);
  socket.on('close', () => clearInterval(timer));
}

/** What waits for an answer, at an address. All reject, or answer, within their time. */
const waits: Readonly<Record<string, (host: string) => Promise<unknown>>> = {
  Stripe: (host) =>
    createStripe({
      secretKey: 'sk_test_x',
      apiBase: `http://${host}`,
      timeoutMs: 200,
      limiter: unlimited,
    }).customers.list({}, { maxNetworkRetries: 0 }),
  'an own system': (host) =>
    postWebhook({
      id: 'one',
      url: `http://${host}/`,
      secret: `whsec_${'A'.repeat(32)}`,
      body: '{}',
      allowPrivate: true,
    }),
  'the mail server': (host) =>
    transportTo(`smtp://${host}`).send('customer@example.com', 'one', { subject: '', text: '', html: '' }),
  Redis: (host) => {
    const redis = signalConnection(`redis://${host}`, createLog('error', {}));
    releaseAfterFile(async () => redis.disconnect());
    return redis.ping();
  },
  'the queues': async (host) => {
    const redis = signalConnection(`redis://${host}`, createLog('error', {}));
    const jobs = jobQueues(redis, 'test', () => {});
    releaseAfterFile(async () => redis.disconnect());
    return jobs.counts();
  },
  Postgres: async (host) => {
    const db = connect(`postgres://quittance@${host}/quittance`, { name: 'test', connections: 1 });
    return rows(db, 'SELECT').finally(() => db.destroy());
  },
};

/** Far above the shortened times, and above the five seconds in which a connection to Postgres must stand. */
const SOON_MS = 9_000;

describe.concurrent('a peer', () => {
  beforeAll(() => {
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout(200));
  });
  afterAll(() => vi.restoreAllMocks());

  test.each(Object.entries(peers))('%s', async (_what, behave) => {
    const host = await listening(behave);
    const ends = Object.entries(waits).map(async ([who, wait]) => {
      const end = await within(SOON_MS, who, () => wait(host)).then(
        () => 'answered',
        (error: unknown) => error,
      );
      return end instanceof TimeIsUp && end.message.startsWith(who) ? [`${who} waits without an end`] : [];
    });
    expect((await Promise.all(ends)).flat()).toEqual([]);
  });

  async function listening(behave: (socket: Socket) => void): Promise<string> {
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket.on('error', () => {}));
      behave(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    releaseAfterFile(async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const address = server.address();
    return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }
});

describe('Postgres', () => {
  afterEach(() => vi.restoreAllMocks());

  test('that vanished in the middle of a statement, without a word, is not waited for; the next statement has a new connection', async () => {
    const original = Socket.prototype.setTimeout;
    vi.spyOn(Socket.prototype, 'setTimeout').mockImplementation(function (this: Socket, ms, callback) {
      return original.call(this, ms === SILENCE_MS ? 300 : ms, callback);
    });
    const db = connect((await freshDatabase()).url, { name: 'test', connections: 1 });
    releaseAfterFile(() => db.destroy());
    await rows(db, 'SELECT');
    await expect(rows(db, 'SELECT pg_sleep(5)')).rejects.toThrow('Postgres said nothing for');
    expect(await rows(db, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('a piece of work', () => {
  test('that ends in its time gives its result, and its timer is gone', async () => {
    vi.useFakeTimers();
    expect(await within(1_000, 'it', async () => 'done')).toBe('done');
    await expect(within(1_000, 'it', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  test('that does not is told, and its error afterwards hurts nobody', async () => {
    vi.useFakeTimers();
    let told: unknown;
    const ending = within(1_000, 'the work', (signal) => {
      signal.addEventListener('abort', () => {
        told = signal.reason;
      });
      return new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 2_000));
    }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1_000);
    const error = await ending;
    expect(error).toMatchObject({ name: 'TimeIsUp', message: 'the work did not end within 1 s' });
    expect(told).toBe(error);
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
  });
});
