import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { Conformance } from '../../simulator/core/conformance.ts';
import type { Settings } from '../../simulator/core/settings.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';

export const testKey = 'sk_test_harness';

/** A simulator in this process, the official client on it, and its control API. Empty before each test. */
export interface Harness {
  readonly simulator: Simulator;
  readonly stripe: Stripe;
  /** Calls the control API; throws what it says when it refuses. */
  control(method: string, path: string, body?: object): Promise<Record<string, unknown>>;
  /** A client that retries as the official one does, or speaks with another key. */
  client(options?: { key?: string; retries?: number }): Stripe;
}

const contract = process.env.STRIPE_CONTRACT_DIR;

/** Starts one simulator for the test file; in CI every call is also checked against Stripe's contract. */
export function useSimulator(settings: Partial<Settings> = {}, keys: readonly string[] = [testKey]): Harness {
  let simulator: Simulator | undefined;
  let stripe: Stripe | undefined;
  const conformance = contract === undefined ? undefined : new Conformance(contract, () => {});

  const running = (): Simulator => {
    if (simulator === undefined) throw new Error('The simulator is not running yet.');
    return simulator;
  };
  const client = ({ key = testKey, retries = 0 }: { key?: string; retries?: number } = {}): Stripe => {
    const { hostname, port } = new URL(running().url);
    return new Stripe(key, { host: hostname, port, protocol: 'http', maxNetworkRetries: retries, telemetry: false });
  };

  beforeAll(async () => {
    simulator = await startSimulator({ keys, settings: { balanceDelayMs: 0, ...settings }, conformance });
    stripe = client();
  });
  afterEach(() => {
    for (const account of running().world.accounts) account.reset();
    const violations = conformance?.violations.splice(0) ?? [];
    expect(violations).toEqual([]);
  });
  afterAll(async () => {
    await simulator?.close();
  });

  return {
    get simulator() {
      return running();
    },
    get stripe() {
      if (stripe === undefined) throw new Error('The simulator is not running yet.');
      return stripe;
    },
    client,
    async control(method, path, body) {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await fetch(`${running().url}/_sim${path}`, { method, ...sent });
      const answer: Record<string, unknown> = JSON.parse(await response.text());
      if (!response.ok) throw new Error(JSON.stringify(answer));
      return answer;
    },
  };
}

/** Sends a request as bytes, for what the official client would never send. */
export async function raw(
  harness: Harness,
  method: string,
  path: string,
  form = '',
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; json: { error?: Record<string, unknown> } & Record<string, unknown> }> {
  const response = await fetch(`${harness.simulator.url}${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${testKey}`,
      'Content-Type': 'application/x-www-form-urlencoded',
      'Stripe-Version': '2026-10-28.endive',
      ...headers,
    },
    ...(method === 'GET' ? {} : { body: form }),
  });
  return { status: response.status, headers: response.headers, json: JSON.parse(await response.text()) };
}

/** What a failed call of the client threw. */
export async function failureOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof Stripe.errors.StripeError) return outcome;
  throw new Error(`Expected Stripe to refuse, got ${String(outcome)}`);
}

export interface Received {
  body: string;
  signature: string | undefined;
  contentType: string | undefined;
}

export interface Receiver {
  url: string;
  received: Received[];
  /** Status codes for the next deliveries; 200 when there are no more. */
  answers: number[];
  close(): Promise<void>;
}

/** An endpoint that keeps what it is sent. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const answers: number[] = [];
  const server = createServer(async (request, response) => {
    const { 'stripe-signature': signature, 'content-type': contentType } = request.headers;
    received.push({ body: await textOf(request), signature: signature?.toString(), contentType });
    response.writeHead(answers.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/webhooks`,
    received,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}
