import type { RequestHandler } from 'express';
import type { SigningKey } from '../platform/signing-keys.ts';

/** `/.well-known/jwks.json`: what verifies the tokens that are signed here. Public by its nature; empty where none are. */

/** A key is served for longer than that before it signs: docs/access.md, Tokens. */
const KEPT_SECONDS = 300;

export function keySet(keys: readonly SigningKey[]): RequestHandler {
  const body = { keys: keys.map(({ jwk }) => jwk) };
  const kept = keys.length === 0 ? 'no-store' : `public, max-age=${KEPT_SECONDS}`;
  return (_request, response) => {
    response.set('Cache-Control', kept).json(body);
  };
}
