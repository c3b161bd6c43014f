import express, { type Request, type Response, Router } from 'express';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { z } from 'zod';
import { checkLogin, closeSession, openSession } from '../../billing/admins.ts';
import type { Db } from '../../platform/db.ts';
import type { Log } from '../../platform/log.ts';
import { Login, type LoginProps } from '../../views/login.tsx';
import { html } from '../../views/page.tsx';
import { BODY_LIMITS } from '../body-limits.ts';
import { clearSession, setSession, tokenOf } from './session.ts';

/** Signing in and out. Tries are throttled by name and address, and by address alone; one that succeeds gives them back. */
export interface LoginDeps {
  readonly db: Db;
  readonly redis: Redis;
  readonly prefix: string;
  readonly secureCookies: boolean;
  readonly log: Log;
}

const FAILURES_PER_NAME = 5;
const FAILURES_PER_ADDRESS = 30;
const WINDOW_SECONDS = 15 * 60;

const form = z.object({
  name: z.string().min(1).max(64),
  password: z.string().min(1).max(1_000),
  next: z.string().optional(),
});

export function login({ db, redis, prefix, secureCookies, log }: LoginDeps): Router {
  const perName = failures(redis, `${prefix}-login-name`, FAILURES_PER_NAME);
  const perAddress = failures(redis, `${prefix}-login-address`, FAILURES_PER_ADDRESS);
  const router = Router();

  router.get('/login', (request, response) => {
    show(response, 200, { next: ownPath(request.query.next) });
  });

  router.post(
    '/login',
    express.urlencoded({ extended: false, limit: BODY_LIMITS.publicForm, parameterLimit: 20 }),
    async (request, response) => {
      const fields = form.safeParse(request.body);
      const next = ownPath(fields.data?.next);
      if (!fields.success) return show(response, 400, { next, problem: 'Give name and password.' });
      const { name, password } = fields.data;
      const who = `${name.toLowerCase()} ${request.ip}`;

      const wait = (await takeTry(perName, who)) || (await takeTry(perAddress, String(request.ip)));
      if (wait > 0) {
        response.setHeader('Retry-After', String(wait));
        const minutes = Math.ceil(wait / 60);
        return show(response, 429, { next, name, problem: `Too many attempts. Try again in ${minutes} minutes.` });
      }
      const admin = await checkLogin(db, name, password);
      if (!admin) {
        log.warn('sign-in refused', { from: request.ip });
        return show(response, 401, { next, name, problem: 'Name and password don’t fit together.' });
      }
      await Promise.all([perName.delete(who), perAddress.reward(String(request.ip))]);
      setSession(response, await openSession(db, admin), secureCookies);
      log.info('signed in', { admin: admin.name });
      response.redirect(303, next);
    },
  );

  router.post('/logout', async (request: Request, response: Response) => {
    const token = tokenOf(request);
    if (token) await closeSession(db, token);
    clearSession(response, secureCookies);
    response.redirect(303, '/console/login');
  });
  return router;
}

function show(response: Response, status: number, props: LoginProps): void {
  response
    .status(status)
    .type('html')
    .send(html(Login(props)));
}

/** Only paths of the console: a login link must not lead to another site. */
function ownPath(next: unknown): string {
  return typeof next === 'string' && /^\/console(\/[\w\-./?=&%]*)?$/.test(next) && !next.includes('..')
    ? next
    : '/console';
}

function failures(redis: Redis, keyPrefix: string, points: number): RateLimiterRedis {
  const insuranceLimiter = new RateLimiterMemory({ keyPrefix, points, duration: WINDOW_SECONDS });
  return new RateLimiterRedis({ storeClient: redis, keyPrefix, points, duration: WINDOW_SECONDS, insuranceLimiter });
}

/**
 * A try is counted before the password is looked at, which takes its time: else many at once would all be the first.
 * @returns 0, or the seconds until there is another try
 */
async function takeTry(limiter: RateLimiterRedis, key: string): Promise<number> {
  try {
    await limiter.consume(key);
    return 0;
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
  }
}
