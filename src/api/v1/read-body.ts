import express, { type RequestHandler } from 'express';
import { BODY_LIMITS } from '../http/body-limits.ts';
import { ApiError, invalidFields, SEND_JSON } from './api-error.ts';
import { bodyVerdict, DEEPEST } from './body-problems.ts';

/** JSON, of bounded size and depth, and nothing in it that Postgres could not keep. */
const parse = express.json({ limit: BODY_LIMITS.api, inflate: false, type: 'application/json' });

export const readBody: readonly RequestHandler[] = [
  (request, _response, next) => {
    const hasBody = Number(request.headers['content-length'] ?? 0) > 0 || 'transfer-encoding' in request.headers;
    if (hasBody && !request.is('application/json')) {
      throw new ApiError('unsupported_media_type', SEND_JSON);
    }
    next();
  },
  parse,
  (request, _response, next) => {
    const verdict = bodyVerdict(request.body);
    if (verdict.tooDeep) throw new ApiError('unreadable', `The body is nested more than ${DEEPEST} levels deep.`);
    if (verdict.problems.length > 0) throw invalidFields(verdict.problems);
    next();
  },
];
