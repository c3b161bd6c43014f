import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { RateLimitedError } from '../platform/errors.ts';

/**
 * Keeps all processes together below Stripe's limits (100 requests/s live, 25/s test, 25/s per endpoint; Stripe
 * documentation, "Rate limits"), counted in Redis. Without Redis each process keeps to the limits by itself.
 */
export interface StripeLimiter {
  /**
   * Waits until a request to this endpoint may go.
   * @throws RateLimitedError when its turn does not come within `MAX_WAIT_MS`
   */
  turn(endpoint: string): Promise<void>;
}

/** The client repeats a request that was refused here twice, so a caller waits three times this at the most. */
const MAX_WAIT_MS = 10_000;

export const unlimited: StripeLimiter = { turn: async () => {} };

export interface Limits {
  /** Requests per second over all endpoints; 0 = no limit. */
  readonly perSecond: number;
  /** Requests per second and endpoint; 0 = no limit. */
  readonly perEndpoint: number;
}

export function stripeLimiter(redis: Redis, prefix: string, limits: Limits): StripeLimiter {
  const overall = bucket(redis, `${prefix}-stripe`, limits.perSecond);
  const each = bucket(redis, `${prefix}-stripe-endpoint`, limits.perEndpoint);
  return {
    async turn(endpoint) {
      const deadline = Date.now() + MAX_WAIT_MS;
      // The narrow limit first: whoever waits for its endpoint must not hold a place of the overall limit.
      if (each) await take(each, endpoint, deadline);
      if (overall) await take(overall, 'all', deadline);
    },
  };
}

function bucket(redis: Redis, keyPrefix: string, points: number): RateLimiterRedis | undefined {
  if (points === 0) return undefined;
  const insuranceLimiter = new RateLimiterMemory({ keyPrefix, points, duration: 1 });
  return new RateLimiterRedis({ storeClient: redis, keyPrefix, points, duration: 1, insuranceLimiter });
}

async function take(limiter: RateLimiterRedis, key: string, deadline: number): Promise<void> {
  for (;;) {
    try {
      await limiter.consume(key);
      return;
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      // Spread over the next window, so that the waiting ones don't all ask in its first millisecond.
      const wait = refused.msBeforeNext + Math.random() * 200;
      if (Date.now() + wait > deadline) {
        throw new RateLimitedError('Our own limit of requests to Stripe is used up', refused.msBeforeNext);
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** `/v1/invoices/in_1Nx/pay?x=y` → `POST /v1/invoices/:id/pay`: Stripe limits by endpoint, not by object. */
export function endpointOf(method: string, path: string): string {
  const [bare = path] = path.split('?');
  const segments = bare.split('/').map((segment) => (/^[a-z]+_(?=\w*[0-9A-Z])\w+$/.test(segment) ? ':id' : segment));
  return `${method} ${segments.join('/')}`;
}
