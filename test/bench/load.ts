import { createHmac, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/**
 * A load generator that leaves the processor to the server: requests are built and signed before the clock starts, sent
 * over keep-alive connections, one at a time each (closed loop), and answers are only looked at for their status.
 */
export interface LoadResult {
  readonly seconds: number;
  readonly requests: number;
  readonly refused: number;
  /** Milliseconds, one per request, sorted. */
  readonly latencies: Float64Array;
}

export interface LoadOptions {
  readonly url: string;
  readonly secret: string;
  readonly requests: number;
  readonly connections: number;
  /** Size of one event body in bytes, about. */
  readonly bytes: number;
  readonly type: string;
  /** Ids of the objects that the events speak of, one per request; without them every event has one of its own. */
  readonly objects?: readonly string[];
}

export async function load(options: LoadOptions): Promise<LoadResult> {
  const { port } = new URL(options.url);
  const bodies = Array.from({ length: options.requests }, (_, position) =>
    signedRequest(options, options.objects?.[position]),
  );
  const latencies = new Float64Array(options.requests);
  let next = 0;
  let refused = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: options.connections }, async () => {
      const socket = await open(Number(port));
      for (;;) {
        const position = next++;
        const body = bodies[position];
        if (!body) break;
        const sent = performance.now();
        if (!(await exchange(socket, body))) refused += 1;
        latencies[position] = performance.now() - sent;
      }
      socket.destroy();
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  return { seconds, requests: options.requests, refused, latencies: latencies.sort() };
}

export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.setNoDelay(true);
    socket.once('error', reject);
  });
}

/** @returns whether the answer was 200 */
function exchange(socket: Socket, request: Buffer): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const onClose = (): void => reject(new Error('the server closed the connection'));
    const onData = (chunk: Buffer): void => {
      answer += chunk.toString('latin1');
      const end = answer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(answer)?.[1] ?? 0);
      if (answer.length < end + 4 + length) return;
      socket.off('data', onData);
      socket.off('close', onClose);
      resolve(answer.startsWith('HTTP/1.1 200'));
    };
    socket.on('data', onData);
    socket.once('close', onClose);
    socket.write(request);
  });
}

/** A payment_intent.succeeded-shaped event of about `bytes` bytes with an id of its own, signed now. */
export function signedRequest({ secret, bytes, type }: LoadOptions, object?: string): Buffer {
  const suffix = randomBytes(12).toString('hex');
  const created = Math.floor(Date.now() / 1000);
  const event = {
    id: `evt_bench${suffix}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created,
    data: {
      object: {
        id: object ?? `pi_bench${suffix}`,
        object: 'payment_intent',
        amount: 4900,
        amount_received: 4900,
        currency: 'eur',
        status: 'succeeded',
        metadata: {} as Record<string, string>,
      },
    },
    livemode: false,
    pending_webhooks: 1,
    request: { id: `req_${suffix}`, idempotency_key: null },
    type,
  };
  let filler = bytes - JSON.stringify(event).length;
  for (let key = 0; filler > 30; key += 1) {
    const value = randomBytes(Math.min(120, Math.floor(filler / 2) - 5)).toString('hex');
    event.data.object.metadata[`key_${key}`] = value;
    filler -= value.length + 16;
  }
  const body = JSON.stringify(event);
  const signature = createHmac('sha256', secret).update(`${created}.${body}`).digest('hex');
  return Buffer.from(
    `POST /webhooks/stripe HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json; charset=utf-8\r\nUser-Agent: Stripe/1.0\r\nStripe-Signature: t=${created},v1=${signature}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
