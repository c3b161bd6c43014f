import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { expect, test } from 'vitest';
import { newSigningKey, signingKeyOf } from '../../src/platform/signing-keys.ts';

/** Keys that tokens are signed with, as they stand in the configuration. */
test('a new key is one, each is another, and its name follows from it', async () => {
  const text = newSigningKey();
  const { jwk } = signingKeyOf(text) ?? {};
  expect(jwk).toEqual({
    kty: 'OKP',
    crv: 'Ed25519',
    alg: 'EdDSA',
    use: 'sig',
    x: expect.stringMatching(/^[\w-]{43}$/),
    kid: expect.any(String),
  });
  if (jwk) expect(jwk.kid).toBe(await calculateJwkThumbprint({ ...jwk }));
  expect(signingKeyOf(newSigningKey())?.jwk.kid).not.toBe(jwk?.kid);
});

test('what stands in the PEM file of another program is one, too', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const body = pem.split('\n').slice(1, -2).join('');
  expect(signingKeyOf(body)?.jwk.x).toBe(privateKey.export({ format: 'jwk' }).x);
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'der', type: 'pkcs8' });
const anyPublic = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' });
const onWire = generateKeyPairSync('x25519').privateKey.export({ format: 'der', type: 'pkcs8' });

test.each([
  ['nothing', ''],
  ['a word', 'secret'],
  ['a key of RSA', rsa.toString('base64')],
  ['a public key', anyPublic.toString('base64')],
  ['a key that signs nothing', onWire.toString('base64')],
])('%s is none', (_, text) => {
  expect(signingKeyOf(text)).toBeUndefined();
});
