import { createHash, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { type Db, firstRow, rows } from '../platform/db.ts';

/** The tables `admin_users` and `admin_sessions`: who may sign in, and who is signed in. */
export interface Admin {
  readonly id: number;
  readonly name: string;
  readonly role: 'viewer' | 'operator';
}

/** A session ends this long after it began, */
export const SESSION_HOURS = 12;
/** or when no page was asked for during this time. */
export const IDLE_MINUTES = 60;
export const SHORTEST_PASSWORD = 10;
/** As the table demands it. */
export const ADMIN_NAME = /^[a-z0-9][a-z0-9._@-]{0,63}$/;

/** OWASP's scrypt parameters with 32 MiB: one check takes about 100 ms. */
const COST = { N: 2 ** 15, r: 8, p: 3 };
const KEY_BYTES = 32;

function derive(password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { ...cost, maxmem: 128 * 1024 * 1024 }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, COST);
  return `scrypt$${COST.N}$${COST.r}$${COST.p}$${salt.toString('base64')}$${key.toString('base64')}`;
}

async function passwordFits(password: string, stored: string): Promise<boolean> {
  const [, n, r, p, salt = '', hash = ''] = stored.split('$');
  const key = await derive(password, Buffer.from(salt, 'base64'), { N: Number(n), r: Number(r), p: Number(p) });
  const expected = Buffer.from(hash, 'base64');
  return key.length === expected.length && timingSafeEqual(key, expected);
}

/** Compared against when the name is unknown, so that the time of the answer does not tell which names exist. */
let nobody: Promise<string> | undefined;

/** @returns undefined when name and password don't fit together */
export async function checkLogin(db: Db, name: string, password: string): Promise<Admin | undefined> {
  const row = await findAdmin(db, name.toLowerCase());
  nobody ??= hashPassword(randomBytes(16).toString('hex'));
  const fits = await passwordFits(password, row?.password ?? (await nobody));
  return row && fits ? { id: row.id, name: row.name, role: row.role } : undefined;
}

async function findAdmin(db: Db, name: string): Promise<(Admin & { readonly password: string }) | undefined> {
  // Not only to save the look: Postgres refuses some texts, such as one with a NUL, with an error.
  if (!ADMIN_NAME.test(name)) return undefined;
  return firstRow(db, 'SELECT id, name, role, password FROM admin_users WHERE name = ? AND disabled_at IS NULL', [
    name,
  ]);
}

/** @returns the token for the cookie; only its hash is stored */
export async function openSession(db: Db, admin: Admin): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await rows(
    db,
    'INSERT INTO admin_sessions (token_hash, admin_id, expires_at) VALUES (?, ?, now() + make_interval(hours => ?))',
    [hashOf(token), admin.id, SESSION_HOURS],
  );
  return token;
}

const SEEN_NOTED_EVERY_SECONDS = 60;

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
     WHERE s.token_hash = ANY (:hashes) AND s.expires_at > now() AND s.seen_at > now() - make_interval(mins => :idle)
       AND u.disabled_at IS NULL
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

/** Creates an admin, or gives an existing one a new password and role; his sessions end. */
export async function saveAdmin(db: Db, name: string, password: string, role: Admin['role']): Promise<void> {
  const hash = await hashPassword(password);
  await db.transaction(async (trx) => {
    const row = await firstRow<{ id: number }>(
      trx,
      `INSERT INTO admin_users (name, password, role) VALUES (:name, :hash, :role)
       ON CONFLICT ON CONSTRAINT admin_users_name_once
       DO UPDATE SET password = excluded.password, role = excluded.role, disabled_at = NULL
       RETURNING id`,
      { name: name.toLowerCase(), hash, role },
    );
    await rows(trx, 'DELETE FROM admin_sessions WHERE admin_id = ?', [row?.id ?? 0]);
  });
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
