import { beforeEach, describe, expect, test } from 'vitest';
import { rows } from '../../../src/platform/db.ts';
import { apiUnderTest } from '../../support/api.ts';
import { apiClient, problemsIn } from '../../support/api-client.ts';

/** What an application asks before it lets somebody in. */
const { api, db } = await apiUnderTest();
const app = await apiClient(db, api.url, ['access:read']);
const read = (who: string, headers: Record<string, string> = {}) =>
  app.ask('GET', `/v1/customers/${encodeURIComponent(who)}/access`, undefined, headers);

/** @param ends interval from now, or null */
async function given(who: string, feature: string, ends: string | null, version = 17): Promise<void> {
  await rows(
    db,
    `INSERT INTO access_grants (cause, feature, reference, until)
     VALUES (:cause, :feature, :who, now() + :ends::interval)`,
    { cause: `hand:${who}`, feature, who, ends },
  );
  await rows(
    db,
    `INSERT INTO access_states (reference, version, changes_at, features) VALUES (:who, :version, now() + :ends::interval, '{}')
     ON CONFLICT (reference) DO UPDATE SET changes_at = least(access_states.changes_at, excluded.changes_at)`,
    { who, version, ends },
  );
}
beforeEach(() => rows(db, 'TRUNCATE access_grants, access_states'));

test('all that somebody may use, with its version', async () => {
  await given('ada', 'pro', null);
  await given('ada', 'seats', '1 day');
  const answer = await read('ada');
  expect(answer).toMatchObject({
    status: 200,
    body: {
      reference: 'ada',
      version: 17,
      features: {
        pro: { allowed: true, until: null, cause: 'hand:ada', grace_until: null, value: null },
        seats: { allowed: true },
      },
    },
  });
});

test('whom nothing was ever given to may use nothing, which is no error', async () => {
  const answer = await read('nobody');
  expect(answer).toMatchObject({ status: 200, body: { reference: 'nobody', version: 0, features: {} } });
  expect(answer.headers.get('etag')).toBe('"v0"');
});

describe('what is kept of an answer', () => {
  test.each<[string, string | null, RegExp]>([
    ['without an end', null, /^private, max-age=30, stale-if-error=86400$/],
    ['that holds for a week', '7 days', /^private, max-age=30, stale-if-error=86400$/],
    ['that holds for an hour', '1 hour', /^private, max-age=30, stale-if-error=35\d\d$/],
    ['that holds for ten seconds', '10.9 seconds', /^private, max-age=(9|10), stale-if-error=0$/],
  ])('%s', async (_what, ends, kept) => {
    await given('ada', 'pro', ends);
    const { headers } = await read('ada');
    expect(headers.get('cache-control')).toMatch(kept);
    expect(headers.get('etag')).toBe('"v17"');
  });

  test.each<[string, string, number]>([
    ['the same version', '"v17"', 304],
    ['the same version, weakly', 'W/"v17"', 304],
    ['one of several', '"v16", "v17"', 304],
    ['an older version', '"v16"', 200],
    ['a version that is none yet', '"v18"', 200],
    ['something else', '"abc"', 200],
  ])('asked with %s', async (_what, known, status) => {
    await given('ada', 'pro', '1 hour');
    const answer = await read('ada', { 'if-none-match': known });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('etag')).toBe('"v17"');
  });

  test('from its next change by time on nothing holds, although nobody has raised the version', async () => {
    await given('ada', 'pro', '-1 second');
    const answer = await read('ada', { 'if-none-match': '"v17"' });
    expect(answer).toMatchObject({ status: 200, body: { features: {} } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('etag')).toBeNull();
  });
});

describe('a reference', () => {
  test.each(['a b', 'ä/ö', 'user@example.com', 'x'.repeat(200), '%', '🦆'])('may be %j', async (who) => {
    await given(who, 'pro', null);
    expect(await read(who)).toMatchObject({ status: 200, body: { reference: who, features: { pro: {} } } });
  });

  test.each([['x'.repeat(201)], ['a\nb'], ['\0']])('may not be %j', async (who) => {
    expect((await read(who)).status).toBe(404);
  });
});

describe('many at once', () => {
  const ask = (body: unknown) => app.ask('POST', '/v1/access/query', body);

  test('in the order that was asked for, only the features that were asked for', async () => {
    await given('ada', 'pro', null);
    await given('ada', 'oil', null);
    expect(await ask({ references: ['bob', 'ada', 'bob'], features: ['pro'] })).toMatchObject({
      status: 200,
      body: {
        data: [
          { reference: 'bob', version: 0, features: {} },
          { reference: 'ada', version: 17, features: { pro: {} } },
          { reference: 'bob', version: 0 },
        ],
      },
    });
    expect(await ask({ references: ['ada'] })).toMatchObject({ body: { data: [{ features: { oil: {}, pro: {} } }] } });
  });

  const hundred = Array.from({ length: 101 }, (_, number) => `u${number}`);
  test.each<[unknown, Record<string, string>]>([
    [{}, { '#/references': 'is required: whom to ask for' }],
    [{ references: [] }, { '#/references': 'must name one' }],
    [{ references: hundred }, { '#/references': 'may name 100' }],
    [{ references: [''] }, { '#/references/0': 'must have 1 to 200 characters' }],
    [{ references: ['x'.repeat(201)] }, { '#/references/0': 'must have 1 to 200 characters' }],
    [{ references: [7] }, { '#/references/0': 'must be a text' }],
    [{ references: ['a'], features: [] }, { '#/features': 'must name one, or be left out' }],
    [{ references: ['a'], more: 1 }, { '#/more': 'is not known here' }],
  ])('not %j', async (body, problems) => {
    const answer = await ask(body);
    expect(answer.status).toBe(422);
    expect(problemsIn(answer)).toEqual(problems);
  });
});

test('a key for invoices may not ask', async () => {
  const other = await apiClient(db, api.url, ['invoices:read']);
  expect((await other.ask('GET', '/v1/customers/ada/access')).status).toBe(403);
  expect((await other.ask('POST', '/v1/access/query', { references: ['ada'] })).status).toBe(403);
});

test.each([
  ['session=pi_1', { session: 'must be the id of a checkout session: cs_…' }],
  ['session=cs_1&wait=11', { wait: 'must be 0 to 10' }],
  ['session=cs_1&wait=x', { wait: 'must be 0 to 10' }],
  ['feature=pro', { feature: 'is not known here' }],
])('?%s is refused', async (query, problems) => {
  const answer = await app.ask('GET', `/v1/customers/ada/access?${query}`);
  expect(answer.status).toBe(400);
  expect(problemsIn(answer)).toEqual(problems);
});
