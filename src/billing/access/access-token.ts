import type { Features } from './access-state.ts';
import type { Access } from './read-access.ts';

/** What a token says of somebody's access, pure. Moments are seconds since 1970, as in every JWT. */
export interface AccessClaims {
  /** Where it was signed: PUBLIC_URL. */
  readonly iss: string;
  /** The reference in the application. */
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
  readonly version: number;
  readonly features: Features;
}

/** Set in the header, so that no other token of the same keys can be taken for one. */
export const TOKEN_TYPE = 'access+jwt';

/** In test mode a test clock may be moved on at any moment: long enough to be looked at, and over before anybody wonders. */
const ON_TEST_CLOCK_SECONDS = 5;

/**
 * A token can't be called back: it holds for no longer than what it says is certain, and for a short while at most. A part of a
 * second is cut off, so it may have ended when it is signed.
 */
export function claimsOf(
  { reference, version, now, features, changesAt, onTestClock }: Access,
  { issuer, longestSeconds }: { readonly issuer: string; readonly longestSeconds: number },
): AccessClaims {
  const iat = inSeconds(now);
  const longest = iat + (onTestClock ? Math.min(longestSeconds, ON_TEST_CLOCK_SECONDS) : longestSeconds);
  const exp = changesAt === null ? longest : Math.min(longest, inSeconds(changesAt));
  return { iss: issuer, sub: reference, iat, exp, version, features };
}

function inSeconds(moment: Date): number {
  return Math.floor(moment.getTime() / 1000);
}
