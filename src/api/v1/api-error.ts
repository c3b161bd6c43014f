import type { ErrorRequestHandler, RequestHandler } from 'express';
import Stripe from 'stripe';
import { InvalidInput } from '../../billing/invoices/invoice-input.ts';
import { NoSuchInvoice, NotAllowed } from '../../billing/invoices/manage-invoice.ts';
import { BusyError } from '../../platform/errors.ts';
import { type FieldProblem, toldProblems } from '../../platform/field-problems.ts';
import { type Log, messageOf } from '../../platform/log.ts';
import { cut } from '../../platform/text.ts';
import { isLockTimeout, rateLimitPause } from '../../stripe/errors.ts';
import { BODY_LIMITS } from '../body-limits.ts';

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
const TRY_AGAIN_SECONDS = 5;

/** What an error means to whoever called; undefined: it is ours. */
function apiErrorOf(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof InvalidInput) return new ApiError(422, INVALID, { problems: error.problems });
  if (error instanceof NoSuchInvoice) return new ApiError(404, error.message);
  if (error instanceof NotAllowed) return new ApiError(409, error.message);
  const pause = rateLimitPause(error) ?? (error instanceof BusyError ? error.retryAfterMs : undefined);
  if (pause !== undefined || isAway(error)) {
    const retryAfter = Math.ceil((pause ?? TRY_AGAIN_SECONDS * 1000) / 1000);
    return new ApiError(503, 'Stripe can’t be asked just now; nothing was changed. Try again.', { retryAfter });
  }
  return bodyError(error);
}

/** Not reached, an error of its own (5xx), or busy with the same object. */
function isAway(error: unknown): boolean {
  const { StripeConnectionError, StripeAPIError } = Stripe.errors;
  return error instanceof StripeConnectionError || error instanceof StripeAPIError || isLockTimeout(error);
}

const BODY_ERRORS: Readonly<Record<number, string>> = {
  400: 'The body is not readable JSON.',
  413: `The body is larger than ${BODY_LIMITS.api / 1024} kB.`,
  415: 'Send JSON, uncompressed: Content-Type: application/json.',
};

/** Errors of reading the body carry their status. */
function bodyError(error: unknown): ApiError | undefined {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  if (status < 400 || status >= 500) return undefined;
  return new ApiError(status, BODY_ERRORS[status] ?? 'The request could not be read.');
}

export const nothingHere: RequestHandler = (request) => {
  throw new ApiError(404, `There is nothing at ${request.method} ${cut(request.baseUrl + request.path, 100)}.`);
};

export function answerErrors(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const told = apiErrorOf(error) ?? new ApiError(500, 'Something went wrong here. The log tells more.');
    if (told.status === 500) {
      log.error('request failed', { method: request.method, path: request.originalUrl, error: messageOf(error) });
    }
    if (told.retryAfter !== undefined) response.set('Retry-After', String(told.retryAfter));
    if (told.status === 401) response.set('WWW-Authenticate', 'Bearer');
    response.status(told.status).json({ error: { message: told.message, problems: told.problems } });
  };
}
