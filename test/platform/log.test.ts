import { describe, expect, test } from 'vitest';
import { type Log, messageOf, redact } from '../../src/platform/log.ts';
import { linesOf } from '../support/log-lines.ts';

describe('fields are cut out by name', () => {
  test.each([
    'password',
    'Authorization',
    'cookie',
    'set-cookie',
    'stripe-signature',
    'client_secret',
    'webhook_secret',
    'api_key',
    'token',
    'email',
    'customer_email',
    'receipt_email',
    'Name',
    'customer_name',
    'phone',
    'address',
    'customer_address',
    'customer_details',
    'billing_details',
    'shipping',
    'payload',
  ])('%s', (field) => {
    expect(redact({ [field]: 'something personal', id: 'cus_1' })).toEqual({ [field]: '[redacted]', id: 'cus_1' });
    expect(redact({ deep: [{ [field]: { line1: 'x' } }] })).toEqual({ deep: [{ [field]: '[redacted]' }] });
  });

  test.each(['event', 'type', 'outcome', 'attempt', 'payment_intent', 'queue', 'filename', 'from', 'error'])(
    '%s stays',
    (field) => {
      expect(redact({ [field]: 'kept' })).toEqual({ [field]: 'kept' });
    },
  );
});

describe('values of every kind', () => {
  test('an error keeps name, message and code, and loses its secrets and its stack', () => {
    const error = Object.assign(new TypeError('key sk_test_abcdef'), { code: 'ECONNREFUSED', config: { a: 1 } });
    expect(redact({ error })).toEqual({
      error: { name: 'TypeError', message: 'key sk_[redacted]', code: 'ECONNREFUSED' },
    });
  });

  test('numbers, nulls and dates', () => {
    expect(redact({ n: 1, f: false, nil: null, at: new Date(0) })).toEqual({
      n: 1,
      f: false,
      nil: null,
      at: '1970-01-01T00:00:00.000Z',
    });
  });

  test('a circle ends', () => {
    const circle: Record<string, unknown> = { id: 1 };
    circle.self = circle;
    expect(JSON.stringify(redact(circle))).toContain('[deep]');
  });

  test('bytes are not written out', () => {
    expect(JSON.stringify(redact({ body: Buffer.from('ada@example.com') }))).not.toContain('97');
  });
});

describe('the sentence of whatever was thrown', () => {
  test.each([
    [new Error('connection refused'), 'connection refused'],
    [new Error('redis://:hidden@h is away'), 'redis://:[redacted]@h is away'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
    // What node throws when a name has several addresses and none answers: its own message is empty.
    [
      new AggregateError([
        new Error('connect ECONNREFUSED ::1:5432'),
        new Error('connect ECONNREFUSED 127.0.0.1:5432'),
      ]),
      'connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432',
    ],
    [Object.assign(new Error(''), { code: 'ETIMEDOUT' }), 'ETIMEDOUT'],
    [new RangeError(''), 'RangeError'],
  ])('%s', (thrown, sentence) => {
    expect(messageOf(thrown)).toBe(sentence);
  });
});

describe('the written line', () => {
  const objectsOf = (write: (log: Log) => void, level?: string): unknown[] =>
    linesOf(write, level).map((line) => JSON.parse(line));

  test('is one JSON object with time, level, role and redacted fields', () => {
    const fields = { event: 'evt_1', email: 'ada@example.com', error: new Error('sk_test_abcdef') };
    expect(objectsOf((log) => log.info('event', fields))).toEqual([
      {
        level: 'info',
        message: 'event',
        role: 'worker',
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        event: 'evt_1',
        email: '[redacted]',
        error: { name: 'Error', message: 'sk_[redacted]' },
      },
    ]);
  });

  test('its message is redacted too', () => {
    expect(objectsOf((log) => log.warn('key sk_test_abcdef'))).toMatchObject([{ message: 'key sk_[redacted]' }]);
  });

  test('below the level nothing is written', () => {
    expect(objectsOf((log) => log.info('quiet'), 'warn')).toEqual([]);
  });
});

test('nothing that is logged says itself what is written down of it', () => {
  const told = redact({ key: { toJSON: () => 'sk_test_51Abc987' } });
  expect(JSON.stringify(told)).toBe('{"key":{"toJSON":"[function]"}}');
});
