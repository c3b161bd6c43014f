import express, { type RequestHandler } from 'express';
import { type FieldProblem, InvalidInput } from '../../billing/invoices/invoice-input.ts';
import { ApiError } from './api-error.ts';

/** JSON, at most 100 kB, and nothing in it that Postgres could not keep. */
const parse = express.json({ limit: '100kb', inflate: false, type: 'application/json' });

export const readBody: readonly RequestHandler[] = [
  (request, _response, next) => {
    const hasBody = Number(request.headers['content-length'] ?? 0) > 0 || 'transfer-encoding' in request.headers;
    if (hasBody && !request.is('application/json')) {
      throw new ApiError(415, 'Send JSON, uncompressed: Content-Type: application/json.');
    }
    next();
  },
  parse,
  (request, _response, next) => {
    const problems = nulCharacters(request.body, []);
    if (problems.length > 0) throw new InvalidInput(problems);
    next();
  },
];

/** Text in Postgres can hold every character but this one. */
function nulCharacters(value: unknown, path: readonly string[]): FieldProblem[] {
  if (typeof value === 'string') {
    return value.includes('\0')
      ? [{ field: path.join('.') || 'body', message: 'holds a character that is no text' }]
      : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => nulCharacters(item, [...path, key]));
}
