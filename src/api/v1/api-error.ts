import type { ErrorRequestHandler, RequestHandler } from 'express';
import { told } from '../../billing/told.ts';
import { type FieldProblem, toldProblems } from '../../platform/field-problems.ts';
import { type Log, messageOf } from '../../platform/log.ts';
import { cut } from '../../platform/text.ts';
import { BODY_LIMITS } from '../http/body-limits.ts';
import { statusOf } from '../http/status-of.ts';
import { toldPath } from '../http/told-path.ts';

/** An answer of /v1 that is no success: `{"error":{"message":…,"problems":[{"field":…,"message":…}]}}`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly problems: readonly FieldProblem[];
  /** Seconds after which the same request may be sent again. */
  readonly retryAfter: number | undefined;
  constructor(
    status: number,
    message: string,
    more: { readonly problems?: readonly FieldProblem[]; readonly retryAfter?: number } = {},
  ) {
    super(message);
    this.status = status;
    this.problems = toldProblems(more.problems ?? []);
    this.retryAfter = more.retryAfter;
  }
}

const INVALID = 'The request was understood, but some fields can’t be taken.';

/** What an error means to whoever called; undefined: it is ours. */
function apiErrorOf(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  const saying = told(error);
  switch (saying?.kind) {
    case 'invalid':
      return new ApiError(statusOf(saying), INVALID, { problems: saying.problems });
    case 'missing':
    case 'refused':
      return new ApiError(statusOf(saying), saying.message);
    case 'away':
      return new ApiError(statusOf(saying), saying.message, { retryAfter: Math.ceil(saying.retryAfterMs / 1000) });
    case undefined:
      return bodyError(error);
  }
}

const BODY_ERRORS: Readonly<Record<number, string>> = {
  400: 'The body is not readable JSON.',
  413: `The body is larger than ${BODY_LIMITS.api / 1024} kB.`,
  415: 'Send JSON, uncompressed: Content-Type: application/json.',
};

/** Errors of reading the body carry their status and their type; an address that can't be read has a status only. */
function bodyError(error: unknown): ApiError | undefined {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  if (status < 400 || status >= 500) return undefined;
  const isOfBody = error instanceof Error && 'type' in error;
  return new ApiError(status, (isOfBody ? BODY_ERRORS[status] : undefined) ?? 'The request could not be read.');
}

export const nothingHere: RequestHandler = (request) => {
  throw new ApiError(404, `There is nothing at ${request.method} ${cut(request.baseUrl + request.path, 100)}.`);
};

export function answerErrors(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    // The app breaks the answer off, and says so in the log.
    if (response.headersSent) return next(error);
    const answer = apiErrorOf(error) ?? new ApiError(500, 'Something went wrong here. The log tells more.');
    if (answer.status === 500) {
      log.error('request failed', { method: request.method, path: toldPath(request), error: messageOf(error) });
    }
    if (answer.retryAfter !== undefined) response.set('Retry-After', String(answer.retryAfter));
    if (answer.status === 401) response.set('WWW-Authenticate', 'Bearer');
    response.status(answer.status).json({ error: { message: answer.message, problems: answer.problems } });
  };
}
