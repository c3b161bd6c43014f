import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import { ApiError } from './api-error.ts';

/**
 * The table `api_idempotency`: a request that carries an Idempotency-Key is done once per API key and key. Its success is
 * stored and answered again; what was refused or failed changed nothing, and leaves the key free.
 */
export interface KeyedRequest {
  readonly apiKey: number;
  readonly key: string;
  /** Of method, path and content, whatever the order of keys. */
  readonly hash: string;
  /** Of the same as it was sent: what the release before stores and compares, while both run. */
  readonly asSent: string;
}

export interface StoredAnswer {
  readonly status: number;
  /** JSON. */
  readonly answer: string;
}

const KEPT_DAYS = 3;
/** A request that takes longer has lost its process. Above the 60 seconds that a statement may take. */
const IN_FLIGHT_SECONDS = 120;
const PRUNED_AT_ONCE = 50;

/**
 * @returns a claim: do the work and store its answer under this claim; or the answer of an earlier request
 * @throws ApiError while the earlier request is in flight, and when it had other content
 */
export async function claimRequest(
  db: Db,
  request: KeyedRequest,
): Promise<{ readonly claim: string } | { readonly stored: StoredAnswer }> {
  await prune(db, request);
  const mine = await firstRow<{ claim: string }>(
    db,
    `INSERT INTO api_idempotency (api_key, key, request_hash, content_hash) VALUES (:apiKey, :key, :asSent, :hash)
     ON CONFLICT ON CONSTRAINT api_idempotency_once DO UPDATE SET claim = gen_random_uuid(), claimed_at = now()
       WHERE api_idempotency.answer IS NULL
         AND (api_idempotency.content_hash = excluded.content_hash OR api_idempotency.request_hash = excluded.request_hash)
         AND api_idempotency.claimed_at < now() - make_interval(secs => :inFlight)
     RETURNING claim`,
    { ...request, inFlight: IN_FLIGHT_SECONDS },
  );
  if (mine) return mine;
  const first = await firstRow<{ same: boolean; status: number | null; answer: string | null }>(
    db,
    `SELECT request_hash = :asSent OR coalesce(content_hash = :hash, false) AS same, status, answer
     FROM api_idempotency WHERE api_key = :apiKey AND key = :key`,
    { ...request },
  );
  if (first && !first.same) {
    throw new ApiError(
      'key_reused',
      'This Idempotency-Key was used for another request: take a new key for a new request.',
    );
  }
  if (first?.answer && first.status !== null) return { stored: { status: first.status, answer: first.answer } };
  throw new ApiError('in_flight', 'A request with this Idempotency-Key is in flight: ask again in a moment.', {
    retryAfter: 1,
  });
}

/** In the transaction of the work, where the work is one. @throws ApiError when somebody else has taken the claim over */
export async function storeAnswer(
  trx: Db | Knex.Transaction,
  request: KeyedRequest,
  claim: string,
  answer: StoredAnswer,
): Promise<void> {
  const row = await firstRow(
    trx,
    `UPDATE api_idempotency SET status = :status, answer = :answer
     WHERE api_key = :apiKey AND key = :key AND claim = :claim AND answer IS NULL RETURNING id`,
    { ...request, ...answer, claim },
  );
  if (!row) {
    throw new ApiError('in_flight', 'This request took too long, and was begun anew: ask again in a moment.', {
      retryAfter: 1,
    });
  }
}

/** Nothing was changed: the key may be used again, also with what is put right. */
export async function releaseClaim(db: Db, { apiKey, key }: KeyedRequest, claim: string): Promise<void> {
  await rows(
    db,
    'DELETE FROM api_idempotency WHERE api_key = :apiKey AND key = :key AND claim = :claim AND answer IS NULL',
    { apiKey, key, claim },
  );
}

async function prune(db: Db, { apiKey, key }: KeyedRequest): Promise<void> {
  await rows(
    db,
    `DELETE FROM api_idempotency WHERE id IN (
       SELECT id FROM api_idempotency WHERE created_at < now() - make_interval(days => :days)
       ORDER BY api_key = :apiKey AND key = :key DESC, created_at LIMIT :most FOR UPDATE SKIP LOCKED)`,
    { apiKey, key, days: KEPT_DAYS, most: PRUNED_AT_ONCE },
  );
}
