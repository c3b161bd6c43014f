import { Router } from 'express';
import type { Redis } from 'ioredis';
import type { Deps } from '../../billing/deps/deps.ts';
import { answerErrors, nothingHere } from './api-error.ts';
import { withApiKey, withinRate } from './authenticate.ts';
import { describing } from './describing.ts';
import { routesOf } from './endpoint.ts';
import { endpoints } from './endpoints.ts';

/** `/v1`: the API for the business's own programs. JSON in, JSON out, errors included. */
export interface ApiV1Deps {
  readonly deps: Deps;
  /** A signal connection: fails rather than waits. */
  readonly redis: Redis;
  readonly prefix: string;
}

export function apiV1({ deps, redis, prefix }: ApiV1Deps): Router {
  const router = Router();
  // What it can be asked is no secret.
  router.use(describing(endpoints));
  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  // Who calls is asked first of all.
  router.use(withApiKey(deps.db), withinRate(redis, prefix));
  router.use(routesOf(endpoints, deps));
  router.use(nothingHere);
  router.use(answerErrors(deps.log));
  return router;
}
