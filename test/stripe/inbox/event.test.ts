import { describe, expect, test } from 'vitest';
import { readEnvelope } from '../../../src/stripe/inbox/event.ts';

const snapshot = {
  id: 'evt_1',
  object: 'event',
  type: 'payment_intent.succeeded',
  api_version: '2026-10-28.endive',
  created: 1_790_000_000,
  livemode: false,
  pending_webhooks: 1,
  request: { id: null, idempotency_key: null },
  data: { object: { id: 'pi_1', object: 'payment_intent' } },
};
const thin = {
  id: 'evt_test_65TQ',
  object: 'v2.core.event',
  type: 'v1.payment_intent.succeeded',
  created: '2026-09-21T20:26:40.000Z',
  livemode: false,
  related_object: { id: 'pi_1', type: 'payment_intent', url: '/v1/payment_intents/pi_1' },
};
const created = new Date('2026-09-21T14:13:20.000Z');

describe('a snapshot event', () => {
  test('is read as far as storing it needs', () => {
    expect(readEnvelope(snapshot)).toEqual({
      id: 'evt_1',
      type: 'payment_intent.succeeded',
      apiVersion: '2026-10-28.endive',
      account: '',
      livemode: false,
      created,
      objectId: 'pi_1',
    });
  });

  test('of a connected account names it; one of an old API version or without ids is read as well', () => {
    expect(readEnvelope({ ...snapshot, account: 'acct_1' })).toMatchObject({ account: 'acct_1' });
    const old = { ...snapshot, api_version: null, request: 'req_1', data: { object: { object: 'balance' } } };
    expect(readEnvelope(old)).toMatchObject({ apiVersion: null, objectId: null });
    const { api_version: _gone, ...without } = snapshot;
    expect(readEnvelope(without)).toMatchObject({ apiVersion: null });
  });

  test('may hold fields of tomorrow and any object', () => {
    const data = { object: { id: null, quantum: [] }, previous_attributes: {}, more: 1 };
    expect(readEnvelope({ ...snapshot, data, context: 'x', reason: {} })).toMatchObject({
      id: 'evt_1',
      objectId: null,
    });
  });
});

describe('a thin event', () => {
  test('is recognised; its object is only named', () => {
    expect(readEnvelope(thin)).toEqual({
      id: 'evt_test_65TQ',
      type: 'v1.payment_intent.succeeded',
      apiVersion: null,
      account: '',
      livemode: false,
      created: new Date('2026-09-21T20:26:40.000Z'),
      objectId: 'pi_1',
    });
  });

  test('may come with a context, an offset, seconds, or without an object', () => {
    expect(readEnvelope({ ...thin, context: 'acct_1' })).toMatchObject({ account: 'acct_1' });
    expect(readEnvelope({ ...thin, created: '2026-09-21T22:26:40+02:00' })).toMatchObject({
      created: new Date('2026-09-21T20:26:40.000Z'),
    });
    expect(readEnvelope({ ...thin, created: 1_790_000_000, related_object: null })).toMatchObject({
      created,
      objectId: null,
    });
  });
});

describe('no event', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', '"evt_1"'],
    ['a list', [snapshot]],
    ['another object', { ...snapshot, object: 'charge' }],
    ['an id of something else', { ...snapshot, id: 'ch_1' }],
    ['an id with a colon, which no job could have', { ...snapshot, id: 'evt_1:2' }],
    ['an id of 300 characters', { ...snapshot, id: `evt_${'1'.repeat(300)}` }],
    ['an empty type', { ...snapshot, type: '' }],
    ['a mode that is a text', { ...snapshot, livemode: 'false' }],
    ['no mode', { ...thin, livemode: undefined }],
    ['no data', { ...snapshot, data: undefined }],
    ['data without an object', { ...snapshot, data: { object: 'pi_1' } }],
    ['half a second', { ...snapshot, created: 0.5 }],
    ['a thin event with a day as its time', { ...thin, created: 'Monday' }],
    // What Postgres could not store would fail the whole commit it is in.
    ['a time beyond all calendars', { ...snapshot, created: 1e15 }],
    ['a thin one beyond all calendars', { ...thin, created: 1e15 }],
    ['a time before 1970', { ...snapshot, created: -1 }],
    ['a type with a NUL', { ...snapshot, type: 'a\u0000b' }],
    ['an account with a NUL', { ...snapshot, account: 'acct_\u0000' }],
    ['an API version with a NUL', { ...snapshot, api_version: '\u0000' }],
    ['an object id with a NUL', { ...snapshot, data: { object: { id: 'pi_\u0000' } } }],
    ['a context with a NUL', { ...thin, context: '\u0000' }],
    ['a related object with a NUL', { ...thin, related_object: { id: '\u0000' } }],
    ['a type with half a surrogate pair', { ...snapshot, type: 'a\ud800' }],
  ])('%s', (_what, json) => {
    expect(readEnvelope(json)).toBeUndefined();
  });
});
