import { createHash, randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { Admin } from './admin.ts';

/** The table `admin_sessions`: who is signed in, in which browser. */

/** A session ends this long after it began, */
export const SESSION_HOURS = 12;
/** or when no page was asked for during this time. */
export const IDLE_MINUTES = 60;
const SEEN_NOTED_EVERY_SECONDS = 60;

/** Of a row `s`. */
const LIVES = 's.expires_at > now() AND s.seen_at > now() - make_interval(mins => :idle)';

/** @returns the token for the cookie; only its hash is stored */
export async function openSession(db: Db | Knex.Transaction, admin: Pick<Admin, 'id'>): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await rows(
    db,
    `WITH signed_in AS (UPDATE admin_users SET signed_in_at = now() WHERE id = :id)
     INSERT INTO admin_sessions (token_hash, admin_id, expires_at)
     VALUES (:hash, :id, now() + make_interval(hours => :hours))`,
    { hash: hashOf(token), id: admin.id, hours: SESSION_HOURS },
  );
  return token;
}

/**
 * @param tokens all that a browser sent: whoever can set a cookie for it must not be able to sign somebody out
 * @param polled that the browser asks by itself, and nobody may be sitting before it
 */
export async function adminOf(
  db: Db,
  tokens: readonly string[],
  { polled = false }: { readonly polled?: boolean } = {},
): Promise<Admin | undefined> {
  if (tokens.length === 0) return undefined;
  const found = await firstRow<Admin & { readonly token_hash: string; readonly seen_is_noted: boolean }>(
    db,
    `SELECT u.id, u.name, u.role, s.token_hash, s.seen_at > now() - make_interval(secs => :every) AS seen_is_noted
     FROM admin_sessions s JOIN admin_users u ON u.id = s.admin_id
     WHERE s.token_hash = ANY (:hashes) AND ${LIVES} AND u.disabled_at IS NULL
     ORDER BY s.created_at DESC LIMIT 1`,
    { hashes: tokens.map(hashOf), every: SEEN_NOTED_EVERY_SECONDS, idle: IDLE_MINUTES },
  );
  if (!found) return undefined;
  const { token_hash, seen_is_noted, ...admin } = found;
  if (!polled && !seen_is_noted) {
    await rows(db, 'UPDATE admin_sessions SET seen_at = now() WHERE token_hash = ?', [token_hash]);
  }
  return admin;
}

export async function closeSessions(db: Db, tokens: readonly string[]): Promise<void> {
  await rows(db, 'DELETE FROM admin_sessions WHERE token_hash = ANY (?)', [tokens.map(hashOf)]);
}

/** Signed out everywhere, at once. */
export async function closeAllSessions(trx: Knex.Transaction, admin: number): Promise<void> {
  await rows(trx, 'DELETE FROM admin_sessions WHERE admin_id = ?', [admin]);
}

/** In how many browsers each admin is signed in now; those who are in none are missing. */
export async function countSessions(db: Db): Promise<Map<number, number>> {
  const counted = await rows<{ admin_id: number; sessions: number }>(
    db,
    `SELECT s.admin_id, count(*) AS sessions FROM admin_sessions s WHERE ${LIVES} GROUP BY s.admin_id`,
    { idle: IDLE_MINUTES },
  );
  return new Map(counted.map(({ admin_id, sessions }) => [admin_id, sessions]));
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
