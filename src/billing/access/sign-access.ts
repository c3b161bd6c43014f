import { SignJWT } from 'jose';
import { fromUnix } from '../../platform/clock.ts';
import { bug, Refused } from '../../platform/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { claimsOf, TOKEN_TYPE } from './access-token.ts';
import { readAccess } from './read-access.ts';

export interface AccessToken {
  /** A JWT. */
  readonly token: string;
  readonly expiresAt: Date;
  readonly version: number;
}

/**
 * What somebody may use, signed: whoever has the token believes it without asking.
 * @throws Refused that says how to switch it on, where there is no key
 */
export async function signAccess(
  reference: string,
  { db, signingKeys, policy, publicUrl }: Pick<Deps, 'db' | 'signingKeys' | 'policy' | 'publicUrl'>,
): Promise<AccessToken> {
  const [signing] = signingKeys;
  if (!signing) {
    throw new Refused(
      'Access tokens are not switched on: make a key (quittance access token-key) and give it to the api as ACCESS_TOKEN_KEYS.',
    );
  }
  const [access] = await readAccess(db, [reference]);
  if (!access) return bug(`${reference} was asked for, and nobody was found`);
  const claims = claimsOf(access, { issuer: publicUrl, longestSeconds: policy.access.token_seconds });
  const { alg, kid } = signing.jwk;
  const token = await new SignJWT({ ...claims }).setProtectedHeader({ alg, kid, typ: TOKEN_TYPE }).sign(signing.key);
  return { token, expiresAt: fromUnix(claims.exp), version: claims.version };
}
