import { createHash, randomBytes } from 'node:crypto';
import { dayIn, startOfDay } from '../../platform/business-day.ts';
import { after } from '../../platform/clock.ts';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import { recordAudit } from '../desk/audit-log.ts';
import { API_SCOPES, isApiScope } from './api-scopes.ts';

/** The table `api_keys`: which of the business's own programs may call /v1, and what for. */
export interface ApiKey {
  readonly id: number;
  readonly name: string;
  readonly scopes: readonly string[];
}

export interface ApiKeyRow extends ApiKey {
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  /** From then on it is refused; null: never. */
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
}

const COLUMNS = 'id, name, scopes, created_at, last_used_at, expires_at, revoked_at';
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const PREFIX = 'qk_';
const DAY_SECONDS = 86_400;
/** `last_used_at` is written at most this often: a busy key must not rewrite its row at each request. */
const USE_NOTED_EVERY_SECONDS = 60;

/**
 * @param actor e.g. `cli:root`
 * @param lastDay on which it counts, UTC, such as `2027-01-31`; without one it counts until it is revoked
 * @returns the key, 256 random bits behind `qk_`. It can't be shown again: only its SHA-256 is stored
 * @throws Error that names what is wrong with name, scopes or day
 */
export async function createApiKey(
  db: Db,
  name: string,
  scopes: readonly string[],
  actor: string,
  lastDay?: string,
): Promise<string> {
  if (!NAME.test(name)) {
    throw new Error(
      `NAME ${name} may hold lower-case letters, digits and . _ - only, and begin with a letter or digit.`,
    );
  }
  const unknown = scopes.filter((scope) => !isApiScope(scope));
  if (scopes.length === 0 || unknown.length > 0) {
    const wrong = unknown.length > 0 ? `There is no scope ${unknown.join(', ')}.` : 'A key needs a scope.';
    throw new Error(`${wrong} Scopes: ${API_SCOPES.join(', ')}.`);
  }
  const expires = lastDay === undefined ? null : dayAfter(lastDay);
  const key = PREFIX + randomBytes(32).toString('base64url');
  await db.transaction(async (trx) => {
    const over = await firstRow(trx, 'SELECT WHERE :expires::timestamptz <= now()', { expires });
    if (over) throw new Error(`The last day must not be over: ${lastDay} is.`);
    const row = await firstRow(
      trx,
      `INSERT INTO api_keys (name, key_hash, scopes, expires_at) VALUES (:name, :hash, :scopes, :expires)
       ON CONFLICT ON CONSTRAINT api_keys_name_once DO NOTHING RETURNING id`,
      { name, hash: hashOf(key), scopes: [...new Set(scopes)], expires },
    );
    if (!row) throw new Error(`There is (or was) a key named ${name} already: take another name.`);
    const until = lastDay === undefined ? '' : `, until ${lastDay}`;
    const reason = `scopes ${scopes.join(', ')}${until}`;
    await recordAudit(trx, { actor, action: 'api_key.create', subject: name, reason });
  });
  return key;
}

/** @throws Error when it is no day */
function dayAfter(day: string): Date {
  const start = startOfDay('UTC', day);
  if (!start) throw new Error(`The last day must be a day like 2027-01-31, not ${day}.`);
  return after(start, DAY_SECONDS);
}

/** The last day (UTC) on which a key counts, such as `2027-01-31`. */
export function lastDayOf(expiresAt: Date): string {
  return dayIn('UTC', after(expiresAt, -1));
}

/** A key that is not there, or was revoked, is undefined; of one that has expired its last day is told. */
export type FoundKey = ApiKey | { readonly expired: string } | undefined;

export async function findApiKey(db: Db, key: string): Promise<FoundKey> {
  if (!key.startsWith(PREFIX)) return undefined;
  const row = await firstRow<ApiKeyRow & { use_is_noted: boolean; expired: boolean }>(
    db,
    `SELECT ${COLUMNS}, coalesce(last_used_at > now() - make_interval(secs => :every), false) AS use_is_noted,
            coalesce(expires_at <= now(), false) AS expired
     FROM api_keys WHERE key_hash = :hash AND revoked_at IS NULL`,
    { hash: hashOf(key), every: USE_NOTED_EVERY_SECONDS },
  );
  if (!row) return undefined;
  if (row.expired && row.expires_at) return { expired: lastDayOf(row.expires_at) };
  if (!row.use_is_noted) await rows(db, 'UPDATE api_keys SET last_used_at = now() WHERE id = ?', [row.id]);
  return { id: row.id, name: row.name, scopes: row.scopes };
}

/** By name, revoked ones included. */
export async function listApiKeys(db: Db): Promise<ApiKeyRow[]> {
  return rows<ApiKeyRow>(db, `SELECT ${COLUMNS} FROM api_keys ORDER BY name`);
}

/** From the next request on the key is refused. @throws Error when there is no such key that is not revoked yet */
export async function revokeApiKey(db: Db, name: string, actor: string, reason: string): Promise<void> {
  await db.transaction(async (trx) => {
    const row = await firstRow(
      trx,
      'UPDATE api_keys SET revoked_at = now() WHERE name = ? AND revoked_at IS NULL RETURNING id',
      [name],
    );
    if (!row) throw new Error(`There is no key named ${name} that could be revoked.`);
    await recordAudit(trx, { actor, action: 'api_key.revoke', subject: name, reason });
  });
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64');
}
