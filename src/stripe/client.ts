import { AsyncLocalStorage } from 'node:async_hooks';
import Stripe from 'stripe';
import { within } from '../platform/within.ts';
import { endpointOf, type StripeLimiter } from './limiter.ts';

/** The version that the types of the pinned stripe-node describe; the webhook endpoint should be pinned to the same. */
export const STRIPE_API_VERSION = '2026-10-28.endive';

export interface StripeOptions {
  readonly secretKey: string;
  /** e.g. https://api.stripe.com */
  readonly apiBase: string;
  readonly timeoutMs: number;
  readonly limiter: StripeLimiter;
  /** Told of each answer that is of use, to whatever call. */
  readonly answered?: () => void;
}

const calls = new AsyncLocalStorage<{ requests: number }>();

/** Runs `work`, which may ask at any time how many HTTP requests to Stripe were made within it, repetitions included. */
export async function countingStripeCalls<T>(work: (requests: () => number) => Promise<T>): Promise<T> {
  const counter = { requests: 0 };
  return calls.run(counter, () => work(() => counter.requests));
}

/** Asked right before each write goes out, after every wait; rejects when it must not. */
type WriteGuard = (requestMs: number) => Promise<void>;

const guards = new AsyncLocalStorage<WriteGuard>();

/** Runs `work`, each of whose writes to Stripe, repetitions included, is sent only if `guard` lets it. */
export async function guardingStripeWrites<T>(guard: WriteGuard, work: () => Promise<T>): Promise<T> {
  return guards.run(guard, work);
}

/** The one way to speak to Stripe: pinned version, base URL from the configuration, every request waits for its turn. */
export function createStripe({ secretKey, apiBase, timeoutMs, limiter, answered }: StripeOptions): Stripe {
  const base = new URL(apiBase);
  const protocol = base.protocol === 'http:' ? 'http' : 'https';
  const http = Stripe.createNodeHttpClient();
  return new Stripe(secretKey, {
    apiVersion: STRIPE_API_VERSION,
    host: base.hostname,
    port: base.port || (protocol === 'http' ? '80' : '443'),
    protocol,
    timeout: timeoutMs,
    // Repeats keep their idempotency key and pass the limiter like any request; 429 is not repeated here but by the queue.
    maxNetworkRetries: 2,
    telemetry: false,
    appInfo: { name: 'Quittance' },
    httpClient: {
      getClientName: () => http.getClientName(),
      makeRequest: async (host, port, path, method, headers, data, scheme, timeout) => {
        await limiter.turn(endpointOf(method, path));
        if (method !== 'GET') await guards.getStore()?.(timeout);
        const counter = calls.getStore();
        if (counter) counter.requests += 1;
        const what = `${method} ${path.split('?')[0]} at Stripe`;
        const response = await within(timeout, what, () =>
          http.makeRequest(host, port, path, method, headers, data, scheme, timeout),
        );
        if (isOfUse(response.getStatusCode())) answered?.();
        // The library's own timeout is one of silence: an answer that comes byte by byte would never be over.
        const body = response.toJSON.bind(response);
        response.toJSON = () => within(timeout, `the answer to ${what}`, body);
        return response;
      },
    },
  });
}

/** Not that the key is wrong (401), nor that Stripe is broken or asks for a pause. */
function isOfUse(status: number): boolean {
  return status < 500 && status !== 401 && status !== 429;
}
