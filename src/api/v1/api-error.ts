import type { ErrorRequestHandler, RequestHandler } from 'express';
import { told } from '../../billing/told.ts';
import type { FieldProblem } from '../../platform/field-problems.ts';
import { type Log, messageOf } from '../../platform/log.ts';
import { cut } from '../../platform/text.ts';
import { BODY_LIMITS } from '../http/body-limits.ts';
import { toldPath } from '../http/told-path.ts';
import { PROBLEM_TYPE, PROBLEMS, type ProblemKind, typeOf } from './problem.ts';
import { inBody, type ProblemError } from './problem-errors.ts';

/** An answer of /v1 that is no success. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly kind: ProblemKind;
  /** Empty where nothing of the request is to be named. */
  readonly errors: readonly ProblemError[];
  /** Seconds after which the same request may be sent again. */
  readonly retryAfter: number | undefined;
  /** Of a change of a subscription: how it stands now. */
  readonly preview: object | undefined;
  /** @param detail what happened, and what to do */
  constructor(
    kind: ProblemKind,
    detail: string,
    more: { readonly errors?: readonly ProblemError[]; readonly retryAfter?: number; readonly preview?: object } = {},
  ) {
    super(detail);
    this.kind = kind;
    this.errors = more.errors ?? [];
    this.retryAfter = more.retryAfter;
    this.preview = more.preview;
  }
}

/** Fields of the body that can’t be taken. */
export function invalidFields(problems: readonly FieldProblem[]): ApiError {
  const detail = 'The request was understood, but some fields can’t be taken.';
  return new ApiError('invalid_fields', detail, { errors: inBody(problems) });
}

/** What an error means to whoever called; undefined: it is ours. */
function apiErrorOf(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  const saying = told(error);
  switch (saying?.kind) {
    case 'invalid':
      return invalidFields(saying.problems);
    case 'missing':
      return new ApiError('not_found', saying.message);
    case 'refused':
      return new ApiError('not_allowed', saying.message);
    case 'away':
      return new ApiError('unavailable', saying.message, { retryAfter: Math.ceil(saying.retryAfterMs / 1000) });
    case undefined:
      return bodyError(error);
  }
}

/** Errors of reading the body carry their status and their type; an address that can't be read has a status only. */
function bodyError(error: unknown): ApiError | undefined {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  if (status < 400 || status >= 500) return undefined;
  const isOfBody = error instanceof Error && 'type' in error;
  if (isOfBody && status === 413)
    return new ApiError('too_large', `The body is larger than ${BODY_LIMITS.api / 1024} kB.`);
  if (isOfBody && status === 415) return new ApiError('unsupported_media_type', SEND_JSON);
  const ofBody = isOfBody && status === 400;
  return new ApiError('unreadable', ofBody ? 'The body is not readable JSON.' : 'The request could not be read.');
}

export const SEND_JSON = 'Send JSON, uncompressed: Content-Type: application/json.';

export const nothingHere: RequestHandler = (request) => {
  throw new ApiError('not_found', `There is nothing at ${request.method} ${cut(request.baseUrl + request.path, 100)}.`);
};

export function answerErrors(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    // The app breaks the answer off, and says so in the log.
    if (response.headersSent) return next(error);
    const answer = apiErrorOf(error) ?? new ApiError('internal', 'Something went wrong here. The log tells more.');
    const { kind, message: detail, errors, retryAfter, preview } = answer;
    const { status, title } = PROBLEMS[kind];
    if (kind === 'internal') {
      log.error('request failed', { method: request.method, path: toldPath(request), error: messageOf(error) });
    }
    if (retryAfter !== undefined) response.set('Retry-After', String(retryAfter));
    if (kind === 'unauthenticated') response.set('WWW-Authenticate', 'Bearer');
    const more = { ...(errors.length > 0 ? { errors } : {}), ...(preview ? { preview } : {}) };
    const problem = { type: typeOf(kind), title, status, detail, ...more };
    response.status(status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
  };
}
