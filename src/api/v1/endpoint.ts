import { type Request, type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';
import type { Deps } from '../../billing/deps/deps.ts';
import type { ApiScope } from '../../billing/people/api-scopes.ts';
import { problemsOfIssues } from '../../platform/field-problems.ts';
import { cut } from '../../platform/text.ts';
import { ApiError, invalidFields } from './api-error.ts';
import type { EndpointPath } from './areas.ts';
import { mayUse } from './authenticate.ts';
import { type Answer, atomicChange, type Call, repeatableChange } from './change.ts';
import type { ProblemKind } from './problem.ts';
import { inQuery } from './problem-errors.ts';
import { readBody } from './read-body.ts';

/**
 * One endpoint of /v1, whole: from it come its route, its scope, what is parsed of a request (once), how often it may be done,
 * and its part of the OpenAPI document.
 */
export interface Endpoint {
  readonly method: 'get' | 'post' | 'put';
  readonly path: EndpointPath;
  /** For generated clients: one word. */
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly scope: ApiScope;
  /** What `:id` may look like. */
  readonly id?: IdRule;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** A POST that changes nothing. */
  readonly reads?: true;
  /** By status. */
  readonly answers: Readonly<Record<number, AnswerRule>>;
  /** Besides those that every endpoint may answer. */
  readonly problems: readonly ProblemKind[];
  readonly handlers: (deps: Deps) => readonly RequestHandler[];
}

export interface IdRule {
  readonly pattern: RegExp;
  readonly example: string;
  /** What can't be an id is not looked for. */
  readonly missing: (told: string) => Error;
}

export interface AnswerRule {
  readonly description: string;
  /** Left out: without a body. */
  readonly schema?: z.ZodType;
}

type About = Omit<Endpoint, 'handlers' | 'method' | 'query' | 'body'>;

interface Read<Query extends z.ZodObject> extends About {
  readonly query: Query;
  readonly handle: (asked: { readonly id: string; readonly query: z.output<Query> }, deps: Deps) => Promise<unknown>;
}

/** Reads, and changes nothing. */
export function reading<Query extends z.ZodObject>({ handle, ...about }: Read<Query>): Endpoint {
  return {
    ...about,
    method: 'get',
    handlers: (deps) => [
      ...before(about),
      async (request: Request, response: Response) => {
        const query = parsedQuery(about.query, request);
        response.json(await handle({ id: String(request.params.id ?? ''), query }, deps));
      },
    ],
  };
}

interface Revalidate<Query extends z.ZodObject> extends About {
  readonly query: Query;
  readonly handle: (asked: Asked<z.output<Query>>, deps: Deps) => Promise<Fresh>;
}

export interface Asked<Query> {
  readonly id: string;
  readonly query: Query;
  /** `If-None-Match`, as it was sent. */
  readonly known: string | undefined;
}

export interface Fresh {
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: what the caller has still holds (304). */
  readonly body?: unknown;
}

/** Reads what a caller may keep for a while, and ask whether it still holds. */
export function revalidating<Query extends z.ZodObject>({ handle, ...about }: Revalidate<Query>): Endpoint {
  return {
    ...about,
    method: 'get',
    handlers: (deps) => [
      ...before(about),
      async (request: Request, response: Response) => {
        const query = parsedQuery(about.query, request);
        const known = request.get('if-none-match');
        const { headers, body } = await handle({ id: String(request.params.id ?? ''), query, known }, deps);
        response.set(headers);
        if (body === undefined) response.status(304).end();
        else response.json(body);
      },
    ],
  };
}

interface Query<Body extends z.ZodType> extends About {
  readonly body: Body;
  readonly handle: (body: z.output<Body>, deps: Deps) => Promise<unknown>;
}

/** Reads, and is asked with a body: what is asked for is too long for an address. It changes nothing, so it needs no key. */
export function querying<Body extends z.ZodType>({ handle, ...about }: Query<Body>): Endpoint {
  return {
    ...about,
    method: 'post',
    reads: true,
    handlers: (deps) => [
      ...before(about),
      ...readBody,
      async (request: Request, response: Response) => {
        response.json(await handle(parsedBody(about.body, request.body), deps));
      },
    ],
  };
}

interface Change<Body extends z.ZodType> extends About {
  readonly method: 'post' | 'put';
  readonly body: Body;
  /** What is said of a field that the body does not have. */
  readonly unknownField?: string;
  /**
   * `atomic`: one transaction holds the whole change and its stored answer. `repeatable`: it asks Stripe, so no transaction may
   * be open meanwhile, and it bears to be begun twice.
   */
  readonly once: 'atomic' | 'repeatable';
  readonly handle: (call: Call<z.output<Body>>, deps: Deps) => Promise<Answer>;
}

/** Changes something, once per Idempotency-Key. */
export function changing<Body extends z.ZodType>({ handle, once, unknownField, ...about }: Change<Body>): Endpoint {
  const parsed = (call: Call<unknown>, deps: Deps) =>
    handle({ ...call, body: parsedBody(about.body, call.body, unknownField) }, deps);
  const change = once === 'atomic' ? atomicChange : repeatableChange;
  // Whether the key may is asked before a byte of the body is read.
  return { ...about, handlers: (deps) => [...before(about), ...readBody, change(parsed, about.scope, deps)] };
}

function before({ scope, id }: Pick<About, 'scope' | 'id'>): RequestHandler[] {
  return [mayUse(scope), ...(id ? [anId(id)] : [])];
}

/** Of an id that is none. */
const LONGEST_TOLD = 60;

function anId({ pattern, missing }: IdRule): RequestHandler {
  return (request, _response, next) => {
    const id = String(request.params.id);
    next(pattern.test(id) ? undefined : missing(JSON.stringify(cut(id, LONGEST_TOLD))));
  };
}

const NOT_KNOWN = 'is not known here';

/** Nothing is asked for: what somebody hangs on to an address does no harm. */
export const NO_QUERY = z.looseObject({});

function parsedQuery<Query extends z.ZodObject>(schema: Query, request: Request): z.output<Query> {
  const parsed = schema.safeParse(request.query);
  if (parsed.success) return parsed.data;
  throw badQuery(parsed.error);
}

function badQuery({ issues }: z.ZodError): ApiError {
  return new ApiError('unreadable', 'The list can’t be asked for like this.', {
    errors: inQuery(problemsOfIssues(issues, NOT_KNOWN)),
  });
}

/** @throws ApiError; no body at all counts as an empty object */
function parsedBody<Body extends z.ZodType>(schema: Body, body: unknown, unknownField = NOT_KNOWN): z.output<Body> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  throw invalidFields(problemsOfIssues(parsed.error.issues, unknownField));
}

export function routesOf(endpoints: readonly Endpoint[], deps: Deps): Router {
  const router = Router();
  for (const { method, path, handlers } of endpoints) router[method](path, ...handlers(deps));
  for (const [path, ofPath] of Map.groupBy(endpoints, (endpoint) => endpoint.path)) {
    router.all(path, otherMethod(ofPath));
  }
  return router;
}

/** Whoever knows the address is told what it can be asked. */
function otherMethod(endpoints: readonly Endpoint[]): RequestHandler {
  const allowed = endpoints.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
  return (request, response) => {
    response.set('Allow', allowed.join(', '));
    throw new ApiError(
      'method_not_allowed',
      `${request.method} can’t be asked of this address, but ${allowed.join(', ')}.`,
    );
  };
}
