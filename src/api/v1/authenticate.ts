import type { RequestHandler } from 'express';
import type { Redis } from 'ioredis';
import { type ApiKey, findApiKey } from '../../billing/people/api-keys.ts';
import type { ApiScope } from '../../billing/people/api-scopes.ts';
import type { Db } from '../../platform/db.ts';
import { bug } from '../../platform/errors.ts';
import { limit } from '../http/limit.ts';
import { ApiError } from './api-error.ts';

/** `Authorization: Bearer qk_…`: who calls, what the key may do, and how often. */
declare global {
  namespace Express {
    interface Locals {
      apiKey?: ApiKey;
    }
  }
}

/** Requests per key: a hundred at once, then ten a second. What an application asks for each of its own pages: fifty times that. */
const REQUESTS = 100;
const REQUESTS_OF_PAGES = 5_000;
const PER_SECONDS = 10;
const OF_PAGES = /^\/(customers|access)\//;

export function withApiKey(db: Db): RequestHandler {
  return async (request, response, next) => {
    const [, key] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (!key) throw new ApiError('unauthenticated', 'Send an API key: Authorization: Bearer qk_…');
    const apiKey = await findApiKey(db, key);
    if (!apiKey) throw new ApiError('unauthenticated', 'There is no such API key, or it was revoked.');
    if ('expired' in apiKey) {
      throw new ApiError(
        'unauthenticated',
        `This API key was for use until ${apiKey.expired} (UTC), and has expired: take a new one.`,
      );
    }
    response.locals.apiKey = apiKey;
    next();
  };
}

export function withinRate(redis: Redis, prefix: string): RequestHandler {
  const requests = limit(redis, { keyPrefix: `${prefix}-api-key`, places: REQUESTS, seconds: PER_SECONDS });
  const ofPages = limit(redis, { keyPrefix: `${prefix}-api-pages`, places: REQUESTS_OF_PAGES, seconds: PER_SECONDS });
  return async (request, response, next) => {
    const { id } = response.locals.apiKey ?? bug('the rate is limited before the key is known');
    const isOfPages = OF_PAGES.test(request.path);
    const retryAfter = await (isOfPages ? ofPages : requests).take(String(id));
    if (retryAfter > 0) {
      const most = isOfPages ? REQUESTS_OF_PAGES : REQUESTS;
      throw new ApiError('too_many_requests', `This key may send ${most} requests in ${PER_SECONDS} seconds.`, {
        retryAfter,
      });
    }
    next();
  };
}

export function mayUse(scope: ApiScope): RequestHandler {
  return (_request, response, next) => {
    if (!response.locals.apiKey?.scopes.includes(scope))
      throw new ApiError('forbidden', `This key lacks the scope ${scope}.`);
    next();
  };
}
