import type { RequestHandler } from 'express';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { type ApiKey, findApiKey } from '../../billing/api-keys.ts';
import type { ApiScope } from '../../billing/api-scopes.ts';
import type { Db } from '../../platform/db.ts';
import { bug } from '../../platform/errors.ts';
import { ApiError } from './api-error.ts';

/** `Authorization: Bearer qk_…`: who calls, what the key may do, and how often. */
declare global {
  namespace Express {
    interface Locals {
      apiKey?: ApiKey;
    }
  }
}

/** Requests per key: a hundred at once, then ten a second. */
const REQUESTS = 100;
const PER_SECONDS = 10;

export function withApiKey(db: Db): RequestHandler {
  return async (request, response, next) => {
    const [, key] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (!key) throw new ApiError(401, 'Send an API key: Authorization: Bearer qk_…');
    const apiKey = await findApiKey(db, key);
    if (!apiKey) throw new ApiError(401, 'There is no such API key, or it was revoked.');
    response.locals.apiKey = apiKey;
    next();
  };
}

/** All apis count together, in Redis; without Redis each counts for itself. */
export function withinRate(redis: Redis, prefix: string): RequestHandler {
  const limits = { keyPrefix: `${prefix}-api-key`, points: REQUESTS, duration: PER_SECONDS };
  const limiter = new RateLimiterRedis({
    ...limits,
    storeClient: redis,
    insuranceLimiter: new RateLimiterMemory(limits),
  });
  return async (_request, response, next) => {
    const { id } = response.locals.apiKey ?? bug('the rate is limited before the key is known');
    try {
      await limiter.consume(id);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const retryAfter = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      throw new ApiError(429, `This key may send ${REQUESTS} requests in ${PER_SECONDS} seconds.`, { retryAfter });
    }
    next();
  };
}

export function mayUse(scope: ApiScope): RequestHandler {
  return (_request, response, next) => {
    if (!response.locals.apiKey?.scopes.includes(scope)) throw new ApiError(403, `This key lacks the scope ${scope}.`);
    next();
  };
}
