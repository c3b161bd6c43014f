import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { ZodError } from 'zod';
import { verdictOn, whileAway } from '../../src/billing/retry-policy.ts';
import { BusyError, bug, PermanentError, RateLimitedError, StripeRefused } from '../../src/platform/errors.ts';
import type { ContactState } from '../../src/stripe/contact.ts';

/** The error that stripe-node makes of an answer. */
function answered(statusCode: number, error: { type?: Stripe.RawErrorType; code?: string } = {}, headers = {}): Error {
  const { type = 'invalid_request_error', code } = error;
  return Stripe.errors.generateV1Error({ message: 'said', type, statusCode, headers, ...(code ? { code } : {}) });
}

describe('answers of Stripe', () => {
  test.each<[string, Error, object]>([
    ['400', answered(400), { kind: 'review' }],
    ['400 of a parameter', answered(400, { code: 'parameter_unknown' }), { kind: 'review' }],
    ['404', answered(404, { code: 'resource_missing' }), { kind: 'review' }],
    ['400, the key was used otherwise', answered(400, { type: 'idempotency_error' }), { kind: 'review' }],
    ['401, a wrong key that an operator puts right', answered(401), { kind: 'away', whose: 'key' }],
    ['402', answered(402, { type: 'card_error' }), { kind: 'retry' }],
    ['403, a permission that an operator grants', answered(403), { kind: 'forbidden', ms: 300_000 }],
    ['409, the same key is in flight', answered(409, { code: 'idempotency_key_in_use' }), { kind: 'retry' }],
    ['500', answered(500, { type: 'api_error' }), { kind: 'away', whose: 'stripe' }],
    ['503', answered(503, { type: 'api_error' }), { kind: 'away', whose: 'stripe' }],
    ['429', answered(429, { code: 'rate_limit' }), { kind: 'pause', ms: 1_000 }],
    ['429 that says for how long', answered(429, {}, { 'retry-after': '7' }), { kind: 'pause', ms: 7_000 }],
    ['429 that says a date', answered(429, {}, { 'retry-after': 'Mon, 1 Jan' }), { kind: 'pause', ms: 1_000 }],
    ['429 that says no time', answered(429, {}, { 'retry-after': '0' }), { kind: 'pause', ms: 1_000 }],
    ['400 of the rate', answered(400, { code: 'rate_limit' }), { kind: 'pause', ms: 1_000 }],
    // One object is being written to by another request: no reason for the others to wait.
    ['429 of a lock', answered(429, { code: 'lock_timeout' }), { kind: 'later', ms: 1_000 }],
  ])('%s', (_what, error, verdict) => {
    expect(verdictOn(error)).toEqual(verdict);
  });
});

describe('no answer of Stripe', () => {
  const connection = (detail: Error): Error =>
    new Stripe.errors.StripeConnectionError({ message: 'no connection', type: 'api_error', detail });

  test('a connection that broke may be everybody’s trouble', () => {
    const away = { kind: 'away', whose: 'stripe' };
    expect(verdictOn(connection(Object.assign(new Error('reset'), { code: 'ECONNRESET' })))).toEqual(away);
    expect(verdictOn(new Stripe.errors.StripeConnectionError())).toEqual(away);
  });

  test('our own limiter, which the library hands out as a broken connection, pauses the queue', () => {
    expect(verdictOn(connection(new RateLimitedError('used up', 420)))).toEqual({ kind: 'pause', ms: 420 });
    expect(verdictOn(new RateLimitedError('used up', 420))).toEqual({ kind: 'pause', ms: 420 });
  });
});

describe('what we throw ourselves', () => {
  test.each<[string, unknown, object]>([
    ['somebody else is on it', new BusyError('lease held', 1_500), { kind: 'later', ms: 1_500 }],
    ['no retry can help', new PermanentError('no'), { kind: 'review' }],
    ['Stripe refuses for good', new StripeRefused('no'), { kind: 'review' }],
    ['an event of another shape', new ZodError([]), { kind: 'review' }],
    [
      'Postgres is away',
      Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
      { kind: 'away', whose: 'database' },
    ],
    [
      'Postgres shuts down',
      Object.assign(new Error('shutdown'), { code: '57P01' }),
      { kind: 'away', whose: 'database' },
    ],
    ['Postgres was cut off', new Error('Connection terminated unexpectedly'), { kind: 'away', whose: 'database' }],
    ['a table that is not there', Object.assign(new Error('relation'), { code: '42P01' }), { kind: 'retry' }],
    ['a mistake in the program', new TypeError('undefined is not a function'), { kind: 'retry' }],
    ['a thrown text', 'oops', { kind: 'retry' }],
    ['nothing', undefined, { kind: 'retry' }],
  ])('%s', (_what, error, verdict) => {
    expect(verdictOn(error)).toEqual(verdict);
  });

  test('a state that the code believes impossible is for a person', () => {
    let thrown: unknown;
    try {
      bug('claim 7 has no customer');
    } catch (error) {
      thrown = error;
    }
    expect(verdictOn(thrown)).toEqual({ kind: 'review' });
    expect(String(thrown)).toContain('Bug: claim 7 has no customer');
  });
});

describe('while Stripe may be away', () => {
  test.each<[string, 'stripe' | 'key', ContactState, object]>([
    ['somebody was answered just now', 'stripe', { silentSeconds: 3, failingSeconds: 0 }, { kind: 'retry' }],
    ['the last answer is a minute old', 'stripe', { silentSeconds: 60, failingSeconds: 9 }, { kind: 'retry' }],
    [
      'nobody was answered for longer',
      'stripe',
      { silentSeconds: 61, failingSeconds: 0 },
      { kind: 'pause', ms: 1_000 },
    ],
    ['nobody was ever answered', 'stripe', { silentSeconds: null, failingSeconds: 0 }, { kind: 'pause', ms: 1_000 }],
    ['for half a minute', 'stripe', { silentSeconds: 90, failingSeconds: 30.0042 }, { kind: 'pause', ms: 7_501 }],
    ['for three days', 'stripe', { silentSeconds: 3e5, failingSeconds: 3e5 }, { kind: 'pause', ms: 60_000 }],
    ['the key was revoked a moment ago', 'key', { silentSeconds: 1, failingSeconds: 0 }, { kind: 'pause', ms: 1_000 }],
  ])('%s', (_what, whose, state, verdict) => {
    expect(whileAway(whose, state)).toEqual(verdict);
  });

  test.each([
    [
      "The provided key 'rk_test_*' does not have the required permissions. Having the 'rak_invoice_write' permission would allow it.",
      'rak_invoice_write',
    ],
    ['Required: rak_customer_read.', 'rak_customer_read'],
    ['You may not do that.', undefined],
  ])('the permission that is missing is read from %j', (message, permission) => {
    const error = Stripe.errors.generateV1Error({
      message,
      type: 'invalid_request_error',
      statusCode: 403,
      headers: {},
    });
    expect(verdictOn(error)).toEqual({ kind: 'forbidden', ms: 300_000, permission });
  });
});
