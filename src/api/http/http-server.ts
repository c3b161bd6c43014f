import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** How long a request may take to arrive, whatever it is and however it is spread over that time. */
export interface Deadlines {
  /** From the first byte to the end of the header. */
  readonly headerMs: number;
  /** From the first byte to the end of the body. */
  readonly requestMs: number;
  /** How often it is looked at. */
  readonly checkedEveryMs: number;
}

/**
 * Stripe sends an event within milliseconds; a phone in a tunnel gets a form through. nginx waits longer between two bytes
 * (client_body_timeout), so that the answer is ours.
 */
export const DEADLINES: Deadlines = { headerMs: 10_000, requestMs: 20_000, checkedEveryMs: 1_000 };

/** Longer than a load balancer keeps idle connections, so that it is never us who closes one it is just using. */
const KEEP_ALIVE_MS = 75_000;

export function httpServer(answer: RequestListener, { headerMs, requestMs, checkedEveryMs }: Deadlines): Server {
  const server = createServer(
    {
      headersTimeout: headerMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: checkedEveryMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    oneAfterAnother(answer),
  );
  server.on('clientError', refuse);
  return server;
}

/**
 * Requests that are sent over one connection without waiting for the answers (HTTP pipelining; no browser does, nor Stripe)
 * are begun one after another: else a single connection would have thousands at once, which go on when it is gone.
 */
function oneAfterAnother(answer: RequestListener): RequestListener {
  const latest = new WeakMap<Duplex, ServerResponse>();
  return (request, response) => {
    const { socket } = request;
    const before = latest.get(socket);
    latest.set(socket, response);
    if (!before || before.writableFinished || before.closed) answer(request, response);
    else before.once('close', () => void (socket.destroyed || answer(request, response)));
  };
}

const REFUSALS: Readonly<Record<string, readonly [status: number, title: string, detail: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'The request took too long to arrive. Send it again.'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'The header of the request is too large.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Payload Too Large', 'The body is too large.'],
};
const UNREADABLE = [400, 'Bad Request', 'The request could not be read.'] as const;

/** What Node can't make a request of is answered in the form of `/v1`; other than programs nobody reads it. */
function refuse(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, title, detail] = REFUSALS[error.code ?? ''] ?? UNREADABLE;
  const body = JSON.stringify({ type: 'about:blank', title, status, detail });
  const length = Buffer.byteLength(body);
  const head = `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json; charset=utf-8\r\nContent-Length: ${length}\r\n`;
  socket.end(`${head}Connection: close\r\n\r\n${body}`);
  // Whoever goes on sending is not listened to.
  socket.once('finish', () => socket.destroy());
}
