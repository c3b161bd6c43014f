import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

/**
 * So many in so many seconds, per key. Counted in Redis for all processes together; while Redis is away each process counts
 * by itself, so that nobody is let through uncounted and nobody is kept out for it.
 */
export interface Limit {
  /** Takes a place. @returns 0, or the seconds until there is one */
  take(key: string): Promise<number>;
  giveBack(key: string): Promise<void>;
  /** All places of the key are free again. */
  forget(key: string): Promise<void>;
}

export interface LimitOptions {
  /** Before the keys in Redis, and so the name of the limit. */
  readonly keyPrefix: string;
  readonly places: number;
  readonly seconds: number;
}

export function limit(redis: Redis, { keyPrefix, places, seconds }: LimitOptions): Limit {
  const limits = { keyPrefix, points: places, duration: seconds };
  const insuranceLimiter = new RateLimiterMemory(limits);
  const limiter = new RateLimiterRedis({ ...limits, storeClient: redis, insuranceLimiter });
  return {
    async take(key) {
      try {
        await limiter.consume(key);
        return 0;
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      }
    },
    async giveBack(key) {
      await limiter.reward(key);
    },
    async forget(key) {
      await limiter.delete(key);
    },
  };
}
