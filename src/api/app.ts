import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Redis } from 'ioredis';
import type { Registry } from 'prom-client';
import type { Deps } from '../billing/deps/deps.ts';
import type { JobQueues } from '../jobs/enqueue.ts';
import type { Business } from '../platform/business.ts';
import type { Db } from '../platform/db.ts';
import { type Log, messageOf } from '../platform/log.ts';
import { html } from '../views/page.tsx';
import { PlainPage } from '../views/plain-page.tsx';
import { styleSheet } from '../views/style-sheet.ts';
import { consoleRooms } from './console/router.ts';
import { login } from './console/sign-in/login.ts';
import { passwordLimits } from './console/sign-in/password-limits.ts';
import { sameOrigin, sessionCookie, signedIn } from './console/sign-in/session.ts';
import { readinessOf } from './health.ts';
import { BODY_LIMITS } from './http/body-limits.ts';
import { CONTENT_POLICY } from './http/content-policy.ts';
import { toldPath } from './http/told-path.ts';
import { invoicePage } from './invoice-page.ts';
import { keySet } from './key-set.ts';
import { type Receiver, receiveWebhook } from './receive-webhook.ts';
import { apiV1 } from './v1/router.ts';

/** The site map: every address of the api, in the order in which it is tried. */
export interface AppDeps {
  readonly receiver: Receiver;
  readonly db: Db;
  /** A signal connection: fails rather than waits. */
  readonly redis: Redis;
  /** Of the limits: waits a little longer, so that nothing goes uncounted. */
  readonly counters: Redis;
  readonly jobs: JobQueues;
  readonly metrics: Registry;
  readonly log: Log;
  /** What the use cases behind the pages reach; its database is `db`. */
  readonly billing: Deps;
  readonly business: Business;
  /** Origins that *Pay by card* may lead to. */
  readonly checkoutOrigins: readonly string[];
  readonly trustedProxies: number;
  readonly secureCookies: boolean;
  readonly prefix: string;
}

/** As the router reads it: in any case, with or without a slash at its end. */
const WEBHOOK_PATH = /^\/webhooks\/stripe\/?$/i;

export function app(deps: AppDeps): Express {
  const { db, redis, counters, jobs, log } = deps;
  const readiness = readinessOf({ db, redis, jobs, log });
  const site = express();
  site.disable('x-powered-by');
  site.disable('etag');
  site.set('trust proxy', deps.trustedProxies);

  // First, and without any middleware of the pages: this is the road that must be fast.
  site.post(
    '/webhooks/stripe',
    express.raw({ type: 'application/json', limit: BODY_LIMITS.webhook, inflate: false }),
    receiveWebhook(deps.receiver),
  );

  site.get('/healthz', (_request, response) => {
    response.json({ status: 'alive' });
  });
  site.get('/readyz', async (_request, response) => {
    const state = await readiness();
    response.status(state.ready ? 200 : 503).json(state);
  });
  site.get('/metrics', async (_request, response) => {
    response.type(deps.metrics.contentType).send(await deps.metrics.metrics());
  });

  site.use(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: CONTENT_POLICY },
      // Not no-referrer: with it browsers hide the Origin of our own forms, by which sameOrigin knows them.
      referrerPolicy: { policy: 'same-origin' },
      // The only place that says it: behind whatever ends TLS, the pages ask for HTTPS once. Subdomains are not ours.
      strictTransportSecurity: deps.secureCookies && { maxAge: 31_536_000, includeSubDomains: false },
    }),
  );
  site.get('/assets/quittance.css', (_request, response) => {
    response.type('css').set('Cache-Control', 'public, max-age=31536000, immutable').send(styleSheet);
  });

  site.get('/.well-known/jwks.json', keySet(deps.billing.signingKeys));
  site.use('/v1', apiV1({ deps: deps.billing, redis: counters, prefix: deps.prefix }));

  site.use('/i', invoicePage({ ...deps, redis: counters }));

  const session = sessionCookie(deps.secureCookies);
  site.use('/console', noStore, sameOrigin);
  site.use('/console', login({ ...deps, redis: counters }), signedIn(db, session));
  site.use(
    '/console',
    consoleRooms({ billing: deps.billing, jobs, passwordLimits: passwordLimits(counters, deps.prefix) }, session),
  );

  site.use((_request, response) => {
    response.status(404).json({ error: 'not found' });
  });
  site.use(failed(deps.receiver, log));
  return site;
}

const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

/** Errors of body parsing are the sender's, everything else is ours; neither tells more than it must. */
function failed({ rejected }: Receiver, log: Log): ErrorRequestHandler {
  // Four parameters are what tells Express that it handles errors.
  return (error: unknown, request, response, _next) => {
    const path = toldPath(request);
    if (response.headersSent) {
      log.error('an answer broke off', { method: request.method, path, error: messageOf(error) });
      response.destroy();
      return;
    }
    const status = statusOf(error);
    if (WEBHOOK_PATH.test(request.path) && status < 500) rejected.note(`http_${status}`);
    if (status >= 500) log.error('request failed', { method: request.method, path, error: messageOf(error) });
    const sentence = SAYING[status] ?? 'something went wrong here';
    response.status(status);
    if (!isPage(request.path)) response.json({ error: sentence });
    else {
      const toAPerson = ON_PAGES[status] ?? `Sorry: ${sentence}.`;
      response.type('html').send(html(PlainPage({ title: 'This did not work', sentence: toAPerson })));
    }
  };
}

const SAYING: Readonly<Record<number, string>> = {
  400: 'the request could not be read',
  413: 'the body is too large',
  415: 'send application/json, uncompressed',
};

/** Where a person has typed something, which the browser still has. */
const ON_PAGES: Readonly<Record<number, string>> = {
  413: 'What was sent is more than one form may hold, and nothing was saved. Go back: most browsers still have what was typed there, to be made shorter or divided.',
};

function isPage(path: string): boolean {
  return path.startsWith('/i/') || (path.startsWith('/console') && !path.startsWith('/console/queues'));
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  return status >= 400 && status < 500 ? status : 500;
}
