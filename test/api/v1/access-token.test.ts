import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { rows } from '../../../src/platform/db.ts';
import { newSigningKey, signingKeyOf } from '../../../src/platform/signing-keys.ts';
import { apiUnderTest } from '../../support/api.ts';
import { apiClient } from '../../support/api-client.ts';

/** What somebody may use, signed: verified as an application does, with the keys that are served. */
const [before, after] = [newSigningKey(), newSigningKey()];
const issuer = 'https://billing.example';
const apiWith = async (ACCESS_TOKEN_KEYS: string, more: Record<string, string> = {}) => {
  const { api, db, settings } = await apiUnderTest({ PUBLIC_URL: issuer, ACCESS_TOKEN_KEYS, ...more });
  const app = await apiClient(db, api.url, ['access:read']);
  const keys = createRemoteJWKSet(new URL(`${api.url}/.well-known/jwks.json`));
  const tokenOf = async (who: string) =>
    z
      .object({ token: z.string(), version: z.number(), expires_at: z.coerce.date() })
      .parse((await app.ask('GET', `/v1/customers/${who}/access-token`)).body);
  return { api, db, settings, app, keys, tokenOf };
};
const one = await apiWith(before);
const served = async (url: string) => {
  const answer = await fetch(`${url}/.well-known/jwks.json`);
  const set = z.object({ keys: z.array(z.record(z.string(), z.string())) }).parse(JSON.parse(await answer.text()));
  return { set, kept: answer.headers.get('cache-control') };
};

/** @param ends interval from now, or null */
async function given(who: string, ends: string | null): Promise<void> {
  await rows(
    one.db,
    `INSERT INTO access_grants (cause, feature, reference, until) VALUES (:cause, 'pro', :who, now() + :ends::interval)`,
    { cause: `hand:${who}`, who, ends },
  );
  await rows(
    one.db,
    `INSERT INTO access_states (reference, version, changes_at, features) VALUES (:who, 17, now() + :ends::interval, '{}')`,
    { who, ends },
  );
}

test('a token says what may be used, and is verified with the keys that are served', async () => {
  await given('ada', null);
  const { token, version, expires_at: expires } = await one.tokenOf('ada');
  const { payload, protectedHeader } = await jwtVerify(token, one.keys, { issuer, typ: 'access+jwt' });
  expect(protectedHeader).toMatchObject({ alg: 'EdDSA', kid: signingKeyOf(before)?.jwk.kid });
  expect(payload).toMatchObject({
    sub: 'ada',
    version: 17,
    features: { pro: { allowed: true, until: null, cause: 'hand:ada', grace_until: null, value: null } },
  });
  expect(version).toBe(17);
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
  expect(expires.getTime() / 1000).toBe(payload.exp);
});

test('whom nothing was given to is told so, signed', async () => {
  const { token } = await one.tokenOf('nobody');
  expect((await jwtVerify(token, one.keys)).payload).toMatchObject({ sub: 'nobody', version: 0, features: {} });
});

test('a token never reaches beyond the next change by time', async () => {
  await given('soon', '10 seconds');
  const { token } = await one.tokenOf('soon');
  const { payload } = await jwtVerify(token, one.keys);
  const [{ until } = { until: '' }] = z
    .array(z.object({ until: z.string() }))
    .parse(Object.values(z.object({ features: z.record(z.string(), z.unknown()) }).parse(payload).features));
  expect((payload.exp ?? 0) * 1000).toBeLessThanOrEqual(Date.parse(until));
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(10);
  const ended = new Date(Date.parse(until));
  await expect(jwtVerify(token, one.keys, { currentDate: ended })).rejects.toThrow('timestamp check failed');
});

test('while keys change, what either has signed is believed; afterwards only the new one', async () => {
  await given('turn', null);
  const stores = { DATABASE_URL: one.settings.DATABASE_URL ?? '', REDIS_URL: one.settings.REDIS_URL ?? '' };
  const old = (await one.tokenOf('turn')).token;
  const both = await apiWith(`${after}, ${before}`, stores);
  const young = (await both.tokenOf('turn')).token;
  for (const token of [old, young]) await jwtVerify(token, both.keys);
  expect((await served(both.api.url)).set.keys.map(({ kid }) => kid)).toEqual(
    [after, before].map((key) => signingKeyOf(key)?.jwk.kid),
  );
  const last = await apiWith(after, stores);
  await jwtVerify(young, last.keys);
  await expect(jwtVerify(old, last.keys)).rejects.toThrow('no applicable key found');
});

test('what is served verifies, and signs nothing', async () => {
  const { set, kept } = await served(one.api.url);
  expect(kept).toBe('public, max-age=300');
  expect(Object.keys(set.keys[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  const { token } = await one.tokenOf('ada');
  const local: JSONWebKeySet = JSON.parse(JSON.stringify(set));
  await jwtVerify(token, createLocalJWKSet(local));
  const [header, payload = '', signature] = token.split('.');
  const other = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('"ada"', '"eve"')).toString(
    'base64url',
  );
  await expect(jwtVerify(`${header}.${other}.${signature}`, one.keys)).rejects.toThrow('signature verification failed');
});

test('without a key there is no token, and the answer says how to switch them on', async () => {
  const none = await apiWith('');
  expect(await none.app.ask('GET', '/v1/customers/ada/access-token')).toMatchObject({
    status: 409,
    body: { type: '/v1/problems/not_allowed', detail: expect.stringContaining('quittance access token-key') },
  });
  expect(await served(none.api.url)).toEqual({ set: { keys: [] }, kept: 'no-store' });
});

test('a key that may not read access gets none', async () => {
  const other = await apiClient(one.db, one.api.url, ['checkouts:write']);
  expect((await other.ask('GET', '/v1/customers/ada/access-token')).status).toBe(403);
});
