import express, { type Request, type Response, Router } from 'express';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { BROWSER_DAYS, knownBrowser, rememberBrowser } from '../../../billing/people/admin-browsers.ts';
import { adminName } from '../../../billing/people/admin-name.ts';
import { closeSessions, openSession } from '../../../billing/people/admin-sessions.ts';
import { checkLogin } from '../../../billing/people/admins.ts';
import type { Db } from '../../../platform/db.ts';
import type { Log } from '../../../platform/log.ts';
import { html } from '../../../views/page.tsx';
import { BODY_LIMITS } from '../../http/body-limits.ts';
import { senderOf } from '../../http/sender.ts';
import { cookie } from './cookies.ts';
import { Login, type LoginProps } from './login-page.tsx';
import { ownPath, sessionCookie } from './session.ts';
import { type Refused, signInLimits } from './sign-in-limits.ts';

/** Signing in and out. */
export interface LoginDeps {
  readonly db: Db;
  readonly redis: Redis;
  readonly prefix: string;
  readonly secureCookies: boolean;
  readonly log: Log;
}

const form = z.object({
  // However it is typed, it is counted as one.
  name: z
    .string()
    .min(1)
    .max(300)
    .transform((typed) => adminName(typed) ?? typed.toLowerCase()),
  password: z.string().min(1).max(1_000),
  next: z.string().optional(),
});

const fields = express.urlencoded({ extended: false, limit: BODY_LIMITS.publicForm, parameterLimit: 20 });

export function login({ db, redis, prefix, secureCookies, log }: LoginDeps): Router {
  const limits = signInLimits(redis, prefix);
  const session = sessionCookie(secureCookies);
  const browsers = cookie('quittance_browser', { secure: secureCookies, seconds: BROWSER_DAYS * 86_400 });
  const router = Router();

  router.get('/login', (request, response) => {
    show(response, 200, { next: ownPath(request.query.next) });
  });

  router.post('/login', fields, async (request, response) => {
    const sent = form.safeParse(request.body);
    const next = ownPath(sent.data?.next);
    if (!sent.success) return show(response, 400, { next, problem: 'Give name and password.' });
    const { name, password } = sent.data;
    const known = browsers.valuesIn(request);
    const guess = {
      name,
      sender: senderOf(request),
      browser: await knownBrowser(db, known, name),
    };

    const refused = await limits.take(guess);
    if (refused) {
      log.warn('sign-in put off', { from: request.ip, because: refused.because });
      response.setHeader('Retry-After', String(refused.seconds));
      return show(response, 429, { next, name, problem: sentenceOf(refused) });
    }
    const admin = await checkLogin(db, name, password);
    if (!admin) {
      log.warn('sign-in refused', { from: request.ip });
      return show(response, 401, { next, name, problem: 'Name and password don’t fit together.' });
    }
    await limits.succeeded(guess);
    session.set(response, await openSession(db, admin));
    browsers.set(response, await rememberBrowser(db, known, admin));
    log.info('signed in', { admin: admin.name });
    response.redirect(303, next);
  });

  router.post('/logout', async (request: Request, response: Response) => {
    await closeSessions(db, session.valuesIn(request));
    session.clear(response);
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

/** The same whether there is such a name or not. */
function sentenceOf({ because, seconds }: Refused): string {
  switch (because) {
    case 'sender':
      return `Too many attempts. Try again in ${Math.ceil(seconds / 60)} minutes.`;
    case 'name':
      return 'Many passwords are being tried for this name just now. Yours was not looked at: try again in a few seconds, or in a browser in which you have signed in before.';
  }
}
