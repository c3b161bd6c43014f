import type { RequestHandler, Response } from 'express';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { html } from '../views/page.tsx';
import { PlainPage } from '../views/plain-page.tsx';

/**
 * How often the public pages may make us ask Stripe. Counted in Redis for all processes together; without Redis each
 * process counts by itself.
 */
const WINDOW_SECONDS = 60;
/** People behind one address share it, so this is generous. */
const PER_ADDRESS = 30;
const PER_INVOICE = 15;

export interface PageLimits {
  readonly byAddress: RequestHandler;
  /** Answers 429 when it refuses. */
  refuses(invoice: string, response: Response): Promise<boolean>;
  /** Silently: whoever comes back from the payment page sees the invoice all the same. */
  mayAsk(invoice: string): Promise<boolean>;
}

export function pageLimits(redis: Redis, prefix: string): PageLimits {
  const address = limiter(redis, `${prefix}-page-address`, PER_ADDRESS);
  const paying = limiter(redis, `${prefix}-page-pay`, PER_INVOICE);
  const returning = limiter(redis, `${prefix}-page-return`, PER_INVOICE);
  return {
    byAddress: async (request, response, next) => {
      const wait = await waitSeconds(address, String(request.ip));
      if (wait === 0) next();
      else tooMany(response, wait);
    },
    async refuses(invoice, response) {
      const wait = await waitSeconds(paying, invoice);
      if (wait > 0) tooMany(response, wait);
      return wait > 0;
    },
    mayAsk: async (invoice) => (await waitSeconds(returning, invoice)) === 0,
  };
}

function limiter(redis: Redis, keyPrefix: string, points: number): RateLimiterRedis {
  const insuranceLimiter = new RateLimiterMemory({ keyPrefix, points, duration: WINDOW_SECONDS });
  return new RateLimiterRedis({ storeClient: redis, keyPrefix, points, duration: WINDOW_SECONDS, insuranceLimiter });
}

/** Takes a place. @returns 0, or the seconds to wait when there is none left */
async function waitSeconds(limit: RateLimiterRedis, key: string): Promise<number> {
  try {
    await limit.consume(key);
    return 0;
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
  }
}

function tooMany(response: Response, seconds: number): void {
  const page = PlainPage({
    title: 'Too many tries',
    sentence: 'Please wait a minute, then go back and try again. This try has charged nothing.',
  });
  response.status(429).set('Retry-After', String(seconds)).type('html').send(html(page));
}
