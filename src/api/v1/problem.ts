/**
 * THE LIST of what /v1 may answer instead of a success, as RFC 9457 has it: the name ends the `type`, by which a program tells
 * one from the other; the title is the same for all of a type, and `detail` speaks of this one.
 */
export const PROBLEMS = {
  unreadable: problem(
    400,
    'The request can’t be read',
    'The address or the Idempotency-Key is none, the body is no JSON or too deep, or the query has a parameter that is not known here or can’t be taken: `errors` names it.',
  ),
  unauthenticated: problem(
    401,
    'No API key that counts',
    'Send `Authorization: Bearer qk_…` with a key that is neither revoked nor over.',
  ),
  forbidden: problem(
    403,
    'The API key may not do this',
    'The key lacks the scope that `detail` names: make one that has it.',
  ),
  not_found: problem(404, 'There is no such thing', 'There is nothing with this id, or nothing at this address.'),
  method_not_allowed: problem(
    405,
    'This address can’t be asked that',
    'There is something at this address, but not for this method: `Allow` names those that it takes.',
  ),
  not_allowed: problem(
    409,
    'Its state does not allow this',
    'The state of the invoice does not allow it, or Stripe refuses it: `detail` says what to do instead.',
  ),
  preview_stale: problem(
    409,
    'The preview does not hold any more',
    'Since the change was previewed, what it comes to has changed. Nothing was changed: show the new `preview`, and confirm that.',
  ),
  in_flight: problem(
    409,
    'The same request is in flight',
    'A request with this Idempotency-Key is being worked on: ask again when `Retry-After` says so.',
  ),
  too_large: problem(413, 'The body is too large', 'The body is larger than this api reads.'),
  unsupported_media_type: problem(415, 'The body is no JSON', 'Send `Content-Type: application/json`, uncompressed.'),
  invalid_fields: problem(
    422,
    'Some fields can’t be taken',
    'Each is named in `errors` with what is wrong, the first twenty of them. Nothing was changed.',
  ),
  key_reused: problem(422, 'The Idempotency-Key was used for another request', 'Take a new key for a new request.'),
  too_many_requests: problem(429, 'Too many requests', 'Come again when `Retry-After` says so.'),
  internal: problem(
    500,
    'Something went wrong here',
    'Our mistake; the log has it. Send a POST again under the same Idempotency-Key.',
  ),
  unavailable: problem(
    503,
    'Stripe can’t be asked just now',
    'Nothing was changed, unless `detail` says that this is not known. Send the same again when `Retry-After` says so.',
  ),
} as const;

interface Problem {
  readonly status: number;
  readonly title: string;
  /** What it means, and what to do; Markdown. */
  readonly means: string;
}

function problem(status: number, title: string, means: string): Problem {
  return { status, title, means };
}

export type ProblemKind = keyof typeof PROBLEMS;

export function isProblemKind(word: string): word is ProblemKind {
  return Object.hasOwn(PROBLEMS, word);
}

/** Relative to the address of the request, as RFC 9457 allows: it leads to a page of the same api that tells what to do. */
export function typeOf(kind: ProblemKind): string {
  return `/v1/problems/${kind}`;
}

export const PROBLEM_TYPE = 'application/problem+json';
