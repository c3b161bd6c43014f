import { createHash, randomBytes } from 'node:crypto';
import { type Db, firstRow, rows } from '../platform/db.ts';
import { API_SCOPES, isApiScope } from './api-scopes.ts';
import { recordAudit } from './review/audit-log.ts';

/** The table `api_keys`: which of the business's own programs may call /v1, and what for. */
export interface ApiKey {
  readonly id: number;
  readonly name: string;
  readonly scopes: readonly string[];
}

export interface ApiKeyRow extends ApiKey {
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
}

const COLUMNS = 'id, name, scopes, created_at, last_used_at, revoked_at';
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const PREFIX = 'qk_';
/** `last_used_at` is written at most this often: a busy key must not rewrite its row at each request. */
const USE_NOTED_EVERY_SECONDS = 60;

/**
 * @param actor e.g. `cli:root`
 * @returns the key, 256 random bits behind `qk_`. It can't be shown again: only its SHA-256 is stored
 * @throws Error that names what is wrong with name or scopes
 */
export async function createApiKey(db: Db, name: string, scopes: readonly string[], actor: string): Promise<string> {
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
  const key = PREFIX + randomBytes(32).toString('base64url');
  await db.transaction(async (trx) => {
    const row = await firstRow(
      trx,
      `INSERT INTO api_keys (name, key_hash, scopes) VALUES (:name, :hash, :scopes)
       ON CONFLICT ON CONSTRAINT api_keys_name_once DO NOTHING RETURNING id`,
      { name, hash: hashOf(key), scopes: [...new Set(scopes)] },
    );
    if (!row) throw new Error(`There is (or was) a key named ${name} already: take another name.`);
    await recordAudit(trx, { actor, action: 'api_key.create', subject: name, reason: `scopes ${scopes.join(', ')}` });
  });
  return key;
}

/** @returns undefined when there is no such key, or it was revoked */
export async function findApiKey(db: Db, key: string): Promise<ApiKey | undefined> {
  if (!key.startsWith(PREFIX)) return undefined;
  const row = await firstRow<ApiKeyRow & { use_is_noted: boolean }>(
    db,
    `SELECT ${COLUMNS}, coalesce(last_used_at > now() - make_interval(secs => :every), false) AS use_is_noted
     FROM api_keys WHERE key_hash = :hash AND revoked_at IS NULL`,
    { hash: hashOf(key), every: USE_NOTED_EVERY_SECONDS },
  );
  if (row && !row.use_is_noted) await rows(db, 'UPDATE api_keys SET last_used_at = now() WHERE id = ?', [row.id]);
  return row && { id: row.id, name: row.name, scopes: row.scopes };
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
