import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Admin } from '../../../billing/people/admin.ts';
import { adminOf, SESSION_HOURS } from '../../../billing/people/admin-sessions.ts';
import type { Db } from '../../../platform/db.ts';
import { html } from '../../../views/page.tsx';
import { PlainPage, type PlainPageProps } from '../../../views/plain-page.tsx';
import { type Cookie, cookie } from './cookies.ts';

/** Characters of the address that signing in leads back to. */
const LONGEST_NEXT = 500;

/** Who is behind the cookie of the console. */
declare global {
  namespace Express {
    interface Locals {
      admin?: Admin;
    }
  }
}

/** @throws Error when nobody is signed in: the rooms stand behind `signedIn` */
export function adminIn(response: Response): Admin {
  const { admin } = response.locals;
  if (!admin) throw new Error('Bug: a room of the console without a visitor');
  return admin;
}

export function sessionCookie(secure: boolean): Cookie {
  return cookie('quittance_session', { secure, seconds: SESSION_HOURS * 3_600 });
}

/** What Bull Board asks every few seconds by itself: nobody is there for that. */
const POLLED = /^\/console\/queues\/api\//;

/** Lets signed-in people through, and sends the others to the login page (a page) or away (everything else). */
export function signedIn(db: Db, session: Cookie): RequestHandler {
  return async (request: Request, response: Response, next: NextFunction) => {
    const polled = isRead(request) && POLLED.test(request.originalUrl);
    const admin = await adminOf(db, session.valuesIn(request), { polled });
    if (admin) {
      response.locals.admin = admin;
      return next();
    }
    if (request.method === 'GET' && request.accepts(['html', 'json']) === 'html') {
      response.redirect(303, `/console/login?next=${encodeURIComponent(ownPath(request.originalUrl))}`);
      return;
    }
    refuse(request, response, 401, {
      error: 'sign in first',
      title: 'You are signed out',
      sentence:
        'Nothing was changed. Sign in again in another window, then come back here with the back button and send once more: what you typed is still there.',
      link: { href: '/console/login', text: 'Sign in' },
    });
  };
}

/**
 * Where signing in leads back to. Only paths of the console: a login link must not lead to another site. And only short
 * ones: it stands in a header, and proxies refuse a long one.
 */
export function ownPath(next: unknown): string {
  const isOwn = typeof next === 'string' && /^\/console(\/[\w\-./?=&%]*)?$/.test(next) && !next.includes('..');
  return isOwn && next.length <= LONGEST_NEXT ? next : '/console';
}

/** Every change needs the role operator. */
export function operatorForChanges(request: Request, response: Response, next: NextFunction): void {
  if (isRead(request) || response.locals.admin?.role === 'operator') next();
  else {
    refuse(request, response, 403, {
      error: 'a viewer can look, but not change',
      title: 'Only operators change things',
      sentence: 'Nothing was changed: your role is viewer.',
      link: { href: '/console', text: 'Back to the console' },
    });
  }
}

/**
 * No other site may send a signed-in browser here: browsers say where a request comes from. Covers Bull Board too, whose
 * calls carry no token. The strict cookie is the second lock.
 */
export function sameOrigin(request: Request, response: Response, next: NextFunction): void {
  const site = request.headers['sec-fetch-site'];
  const origin = request.headers.origin;
  const same = site ? site === 'same-origin' : origin !== undefined && hostOf(origin) === request.headers.host;
  if (isRead(request) || same) next();
  else {
    refuse(request, response, 403, {
      error: 'this request comes from another site',
      title: 'This came from another site',
      sentence: 'Nothing was changed: forms are only taken from the console itself.',
      link: { href: '/console', text: 'To the console' },
    });
  }
}

interface Refusal extends PlainPageProps {
  /** For programs. */
  readonly error: string;
}

/** A page for browsers that sent a form, JSON for everything else. */
function refuse(request: Request, response: Response, status: number, { error, ...page }: Refusal): void {
  if (request.accepts(['json', 'html']) === 'html')
    response
      .status(status)
      .type('html')
      .send(html(PlainPage(page)));
  else response.status(status).json({ error });
}

function isRead(request: Request): boolean {
  return ['GET', 'HEAD', 'OPTIONS'].includes(request.method);
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
