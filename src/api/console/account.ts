import express, { type Request, type Response, Router } from 'express';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { countSessions } from '../../billing/people/admin-sessions.ts';
import { changePassword } from '../../billing/people/admins.ts';
import { passwordProblem } from '../../billing/people/password-rule.ts';
import type { Db } from '../../platform/db.ts';
import type { Log } from '../../platform/log.ts';
import { Account } from '../../views/console/account.tsx';
import { BODY_LIMITS } from '../http/body-limits.ts';
import { type Limit, limit } from '../http/limit.ts';
import { sessionCookie } from './session.ts';
import { adminIn, show, visitOf } from './visit.ts';

/** One's own account: a viewer's, too. */
export interface AccountDeps {
  readonly db: Db;
  readonly redis: Redis;
  readonly prefix: string;
  readonly secureCookies: boolean;
  readonly log: Log;
}

/** Wrong current passwords in a quarter of an hour: whoever sits before somebody else's browser must not find it out here. */
const FAILURES = 5;
/** How strong a password is takes a third of a second to find out, in which the process does nothing else. */
const RATED = 30;
const WINDOW_SECONDS = 15 * 60;

const fields = express.urlencoded({ extended: false, limit: BODY_LIMITS.publicForm, parameterLimit: 20 });
/** Blanks are part of a password. */
const typed = z.string().max(1_000).catch('');
const form = z.object({ old: typed, password: typed, again: typed }).catch({ old: '', password: '', again: '' });

export function accountRoom({ db, redis, prefix, secureCookies, log }: AccountDeps): Router {
  const perQuarter = (name: string, places: number) =>
    limit(redis, { keyPrefix: `${prefix}-${name}`, places, seconds: WINDOW_SECONDS });
  const failures = perQuarter('own-password', FAILURES);
  const rated = perQuarter('own-password-rated', RATED);
  const session = sessionCookie(secureCookies);
  const router = Router();

  router.get('/account', (request, response) => room(request, response));

  router.post('/account/password', fields, async (request, response) => {
    const admin = adminIn(response);
    const { old, password, again } = form.parse(request.body);
    const mistyped = mistypedIn({ old, password, again });
    if (mistyped) return room(request, response, mistyped, 422);
    if (await refuses(rated, 'Too many passwords', request, response)) return;
    const weak = await passwordProblem(password, admin.name);
    if (weak) return room(request, response, weak, 422);
    if (await refuses(failures, 'Too many wrong passwords', request, response)) return;
    const token = await changePassword(db, admin, old, password);
    if (!token) {
      log.warn('a change of password was refused', { admin: admin.name });
      return room(request, response, 'The current password is not right. Nothing was changed.', 422);
    }
    await failures.forget(admin.name);
    session.set(response, token);
    log.info('password changed', { admin: admin.name });
    response.redirect(303, '/console/account?done=password');
  });

  /** Answers 429 when it refuses. */
  async function refuses(by: Limit, what: string, request: Request, response: Response): Promise<boolean> {
    const wait = await by.take(adminIn(response).name);
    if (wait > 0) {
      response.setHeader('Retry-After', String(wait));
      await room(request, response, `${what}. Try again in ${Math.ceil(wait / 60)} minutes.`, 429);
    }
    return wait > 0;
  }

  async function room(request: Request, response: Response, problem?: string, status = 200): Promise<void> {
    const sessions = (await countSessions(db)).get(adminIn(response).id) ?? 1;
    show(response, Account({ visit: visitOf(request, response, problem), sessions }), status);
  }
  return router;
}

function mistypedIn({ old, password, again }: z.output<typeof form>): string | undefined {
  if (old === '' || password === '') return 'Give the current password, and the new one twice.';
  if (password !== again) return 'The new password was typed in two ways. Nothing was changed.';
  if (password === old) return 'The new password is the current one. Nothing was changed.';
  return undefined;
}
