import { createHash, randomBytes } from 'node:crypto';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { Admin } from './admin.ts';
import { adminName } from './admin-name.ts';

/**
 * The table `admin_browsers`: in which browsers somebody has signed in before. It opens nothing; it only keeps the guesses
 * of others from delaying him there.
 */
export const BROWSER_DAYS = 90;

/** @returns a key of the browser by which its tries are counted; undefined when this name has never signed in with it */
export async function knownBrowser(db: Db, tokens: readonly string[], name: string): Promise<string | undefined> {
  if (tokens.length === 0 || adminName(name) !== name) return undefined;
  const row = await firstRow<{ token_hash: string }>(
    db,
    `SELECT b.token_hash FROM admin_browsers b JOIN admin_users u ON u.id = b.admin_id
     WHERE u.name = :name AND b.token_hash = ANY (:hashes) AND b.seen_at > now() - make_interval(days => :days) LIMIT 1`,
    { name, hashes: tokens.map(hashOf), days: BROWSER_DAYS },
  );
  return row && `${name} ${row.token_hash}`;
}

/**
 * After signing in. One browser may be that of several people.
 * @param tokens what it brought along
 * @returns the token for its cookie; only the hash is stored
 */
export async function rememberBrowser(db: Db, tokens: readonly string[], admin: Admin): Promise<string> {
  const known = await rows<{ token_hash: string }>(
    db,
    'SELECT DISTINCT token_hash FROM admin_browsers WHERE token_hash = ANY (?)',
    [tokens.map(hashOf)],
  );
  const token =
    tokens.find((one) => known.some(({ token_hash }) => token_hash === hashOf(one))) ??
    randomBytes(32).toString('base64url');
  await rows(
    db,
    `INSERT INTO admin_browsers (token_hash, admin_id) VALUES (?, ?)
     ON CONFLICT ON CONSTRAINT admin_browsers_once DO UPDATE SET seen_at = now()`,
    [hashOf(token), admin.id],
  );
  return token;
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
