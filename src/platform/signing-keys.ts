import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/**
 * Keys that tokens are signed with: Ed25519, each as what stands between the lines BEGIN and END of its PEM file, without breaks
 * (base64 of PKCS #8).
 */
export interface SigningKey {
  readonly key: KeyObject;
  /** What verifies its signatures, for everybody. */
  readonly jwk: PublicJwk;
}

export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly alg: 'EdDSA';
  readonly use: 'sig';
  /** RFC 7638: it follows from the key, so that nobody has to choose or remember it. */
  readonly kid: string;
}

/** @returns undefined for a text that is no such key */
export function signingKeyOf(text: string): SigningKey | undefined {
  const key = privateKeyOf(text);
  if (key?.asymmetricKeyType !== 'ed25519') return undefined;
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  if (x === undefined) return undefined;
  const named = { crv: 'Ed25519', kty: 'OKP', x } as const;
  const kid = createHash('sha256').update(JSON.stringify(named)).digest('base64url');
  return { key, jwk: { ...named, alg: 'EdDSA', use: 'sig', kid } };
}

function privateKeyOf(text: string): KeyObject | undefined {
  try {
    return createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });
  } catch {
    return undefined;
  }
}

export function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
}
