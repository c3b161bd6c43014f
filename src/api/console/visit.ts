import express, { type Request, type RequestParamHandler, type Response } from 'express';
import type { VNode } from 'preact';
import type { Admin } from '../../billing/people/admin.ts';
import { printable } from '../../platform/text.ts';
import type { Visit } from '../../views/console/console-page.tsx';
import { Nowhere } from '../../views/console/nowhere.tsx';
import { html } from '../../views/page.tsx';
import { BODY_LIMITS } from '../http/body-limits.ts';

/** What the rooms of the console share: who visits, what was sent, how a page is answered. */
/** Fields of forms, flat: `lines.0.description` is a name like any other. */
export const fields = express.urlencoded({ extended: false, limit: BODY_LIMITS.consoleForm, parameterLimit: 1_000 });

/** @throws Error when nobody is signed in: the rooms stand behind `signedIn` */
export function adminIn(response: Response): Admin {
  const { admin } = response.locals;
  if (!admin) throw new Error('Bug: a room of the console without a visitor');
  return admin;
}

export function visitOf(request: Request, response: Response, problem?: string): Visit {
  const { done } = request.query;
  const { timeZone } = response.locals;
  if (!timeZone) throw new Error('Bug: a room of the console without a time zone');
  return { admin: adminIn(response), timeZone, done: typeof done === 'string' ? done : undefined, problem };
}

export function show(response: Response, page: VNode, status = 200): void {
  response.status(status).type('html').send(html(page));
}

export function nowhere(request: Request, response: Response): void {
  show(response, Nowhere({ visit: visitOf(request, response), sentence: 'There is nothing at this address.' }), 404);
}

/** For `router.param`: ids of another form lead nowhere, and are never asked of the database. */
export function only(pattern: RegExp): RequestParamHandler {
  return (request, response, next, id) => {
    if (pattern.test(id)) next();
    else nowhere(request, response);
  };
}

/** Without what can't be seen: Postgres takes no NUL in a text, and nobody should read one that is turned around. */
function clean(text: unknown): string {
  return typeof text === 'string' ? printable(text).trim() : '';
}

/** A field of a form, without spaces around it; empty when it was not sent, the first when it was sent twice. */
export function field(request: Request, name: string): string {
  const body: unknown = request.body;
  const isSent = typeof body === 'object' && body !== null && Object.hasOwn(body, name);
  const sent: unknown = isSent ? Reflect.get(body, name) : undefined;
  return clean(Array.isArray(sent) ? sent[0] : sent);
}

/** A parameter of the address, empty when it is not there. */
export function query(request: Request, name: string): string {
  return clean(request.query[name]);
}

/** The one of these names that the address asks for, else the first. */
export function oneOf<Name extends string>(names: readonly [Name, ...Name[]], asked: string): Name {
  return names.find((name) => name === asked) ?? names[0];
}
