import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Api, ApiAnswer, ApiRequest } from './api.ts';

/** Something besides `/v1` that answers HTTP: the control API, the hosted pages. `undefined`: not mine. */
export interface Door {
  answer(request: ApiRequest): Promise<ApiAnswer | undefined> | ApiAnswer | undefined;
}

const MAX_BODY = 4 * 1024 * 1024;

/** Serves `/v1` and the doors. Plain node:http: the simulator must not be what a benchmark measures. */
export function serve(api: Api, doors: readonly Door[]): Server {
  const server = createServer((request, response) => {
    void handle(request, response, api, doors);
  });
  server.keepAliveTimeout = 30_000;
  return server;
}

async function handle(
  incoming: IncomingMessage,
  response: ServerResponse,
  api: Api,
  doors: readonly Door[],
): Promise<void> {
  try {
    const body = await readBody(incoming);
    const request: ApiRequest = {
      method: incoming.method ?? 'GET',
      url: incoming.url ?? '/',
      headers: singleHeaders(incoming),
      body,
    };
    send(response, await route(request, api, doors));
  } catch (error) {
    if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ error: { type: 'api_error', message: `simulator bug: ${String(error)}` } }));
  }
}

async function route(request: ApiRequest, api: Api, doors: readonly Door[]): Promise<ApiAnswer> {
  if (!request.url.startsWith('/v1/')) {
    for (const door of doors) {
      const answer = await door.answer(request);
      if (answer !== undefined) return answer;
    }
  }
  return api.answer(request);
}

function send(response: ServerResponse, answer: ApiAnswer): void {
  if (answer === 'reset') {
    response.socket?.resetAndDestroy();
  } else if (answer === 'drop') {
    response.socket?.destroy();
  } else {
    response.writeHead(answer.status, { ...answer.headers, 'Content-Length': Buffer.byteLength(answer.body) });
    response.end(answer.body);
  }
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > MAX_BODY) throw new Error('request body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function singleHeaders(incoming: IncomingMessage): Record<string, string | undefined> {
  const { headers } = incoming;
  const names = ['authorization', 'idempotency-key', 'stripe-version', 'stripe-account', 'content-type', 'cookie'];
  return Object.fromEntries(
    names.map((name) => {
      const value = headers[name];
      return [name, Array.isArray(value) ? value[0] : value];
    }),
  );
}
