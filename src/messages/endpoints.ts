import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../platform/db.ts';
import { Refused } from '../platform/errors.ts';
import { endpointUrlProblem } from './endpoint-url.ts';
import { OUTGOING_TYPES } from './outgoing-types.ts';

/** The table `outgoing_endpoints`: the business's own systems that are told what happens. */
export interface Endpoint {
  readonly id: number;
  readonly url: string;
  /** Empty: all. */
  readonly types: readonly string[];
  readonly created_at: Date;
  readonly disabled_at: Date | null;
  readonly disabled_reason: string | null;
}

/** Standard Webhooks asks for 24 to 64 bytes. */
const SECRET_BYTES = 32;

export interface NewEndpoint {
  readonly url: string;
  /** Empty: all. */
  readonly types: readonly string[];
  readonly allowPrivate: boolean;
}

/**
 * @returns its URL as it is stored, and the signing secret (`whsec_…`), to be shown once
 * @throws Error that says what is wrong with the URL or the types
 */
export async function insertEndpoint(
  trx: Knex.Transaction,
  endpoint: NewEndpoint,
): Promise<{ readonly url: string; readonly secret: string }> {
  const problem = endpointUrlProblem(endpoint.url, endpoint.allowPrivate);
  if (problem) throw new Error(problem);
  const unknown = endpoint.types.filter((type) => !OUTGOING_TYPES.some((known) => known === type));
  if (unknown.length > 0)
    throw new Error(`There is no type ${unknown.join(', ')}. Types: ${OUTGOING_TYPES.join(', ')}.`);
  const url = new URL(endpoint.url).href;
  const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
  const row = await firstRow(
    trx,
    `INSERT INTO outgoing_endpoints (url, secret, types) VALUES (:url, :secret, :types)
     ON CONFLICT (url) WHERE removed_at IS NULL DO NOTHING RETURNING id`,
    { url, secret, types: [...new Set(endpoint.types)] },
  );
  if (!row) throw new Error(`${url} is told already: remove it first for a new secret or other types.`);
  return { url, secret };
}

/** As it is stored. */
export type KnownEndpoint = Pick<Endpoint, 'id' | 'url'>;

/** Without the removed ones, oldest first. */
export async function listEndpoints(db: Db): Promise<Endpoint[]> {
  return rows<Endpoint>(
    db,
    `SELECT id, url, types, created_at, disabled_at, disabled_reason FROM outgoing_endpoints
     WHERE removed_at IS NULL ORDER BY id`,
  );
}

/** What waits for it is skipped; what was sent stays on record. @see change */
export async function markRemoved(trx: Knex.Transaction, url: string): Promise<KnownEndpoint> {
  return change(trx, url, 'disabled_at = now(), removed_at = now()');
}

/** Messages of the time between were skipped: replay those that are wanted. @see change */
export async function markEnabled(trx: Knex.Transaction, url: string): Promise<KnownEndpoint> {
  return change(trx, url, 'disabled_at = NULL, disabled_reason = NULL');
}

/** @throws Refused when there is no such endpoint */
async function change(trx: Knex.Transaction, given: string, assignments: string): Promise<KnownEndpoint> {
  const url = URL.canParse(given) ? new URL(given).href : given;
  const row = await firstRow<KnownEndpoint>(
    trx,
    `UPDATE outgoing_endpoints SET ${assignments} WHERE url = ? AND removed_at IS NULL RETURNING id, url`,
    [url],
  );
  if (!row) throw new Refused(`There is no endpoint ${url}.`);
  return row;
}

export async function urlOfEndpoint(db: Db, id: number): Promise<string | undefined> {
  return (await firstRow<{ url: string }>(db, 'SELECT url FROM outgoing_endpoints WHERE id = ?', [id]))?.url;
}

/** It asked for it itself. @returns whether it was enabled until now */
export async function disableEndpoint(trx: Knex.Transaction, id: number, reason: string): Promise<boolean> {
  const row = await firstRow(
    trx,
    'UPDATE outgoing_endpoints SET disabled_at = now(), disabled_reason = ? WHERE id = ? AND disabled_at IS NULL RETURNING id',
    [reason, id],
  );
  return row !== undefined;
}
