import type { CookieOptions, NextFunction, Request, RequestHandler, Response } from 'express';
import { type Admin, adminOf, SESSION_HOURS } from '../../billing/admins.ts';
import type { Db } from '../../platform/db.ts';
import { html } from '../../views/page.tsx';
import { PlainPage, type PlainPageProps } from '../../views/plain-page.tsx';

/** The console's cookie and who is behind it. */
const COOKIE = 'quittance_session';
/** Characters of the address that signing in leads back to. */
const LONGEST_NEXT = 500;

declare global {
  namespace Express {
    interface Locals {
      admin?: Admin;
    }
  }
}

export function cookieOptions(secure: boolean): CookieOptions {
  return { httpOnly: true, sameSite: 'strict', secure, path: '/console', maxAge: SESSION_HOURS * 3_600_000 };
}

export function setSession(response: Response, token: string, secure: boolean): void {
  response.cookie(COOKIE, token, cookieOptions(secure));
}

export function clearSession(response: Response, secure: boolean): void {
  response.clearCookie(COOKIE, { ...cookieOptions(secure), maxAge: 0 });
}

export function tokenOf(request: Request): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=');
    if (name === COOKIE && value) return value;
  }
  return undefined;
}

/** Lets signed-in people through, and sends the others to the login page (a page) or away (everything else). */
export function signedIn(db: Db): RequestHandler {
  return async (request: Request, response: Response, next: NextFunction) => {
    const token = tokenOf(request);
    const admin = token ? await adminOf(db, token) : undefined;
    if (admin) {
      response.locals.admin = admin;
      return next();
    }
    if (request.method === 'GET' && request.accepts(['html', 'json']) === 'html') {
      // A proxy refuses an answer whose header is too long.
      const next = request.originalUrl.length <= LONGEST_NEXT ? `?next=${encodeURIComponent(request.originalUrl)}` : '';
      response.redirect(303, `/console/login${next}`);
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
