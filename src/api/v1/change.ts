import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Deps } from '../../billing/deps/deps.ts';
import { type ApiScope, readingScopeOf } from '../../billing/people/api-scopes.ts';
import { bug } from '../../platform/errors.ts';
import { messageOf } from '../../platform/log.ts';
import { ApiError } from './api-error.ts';
import { canonicalJson } from './canonical-json.ts';
import { claimRequest, type KeyedRequest, releaseClaim, type StoredAnswer, storeAnswer } from './idempotency.ts';

/** A request that changes something, done once per Idempotency-Key. */
export interface Call<Body> {
  /** From the path; empty where the path has none. */
  readonly id: string;
  readonly body: Body;
  /** e.g. `key:shop` */
  readonly actor: string;
  /** Whether the key may read what it writes to. */
  readonly mayRead: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Handle = (call: Call<unknown>, deps: Deps) => Promise<Answer>;

/**
 * One transaction holds the whole change and its stored answer: no part of it stays when the process dies.
 * @param scope of the endpoint
 */
export function atomicChange(handle: Handle, scope: ApiScope, deps: Deps): RequestHandler {
  return async (request, response) => {
    await once(request, response, scope, deps, (call, store) =>
      deps.db.transaction(async (trx) => store(await handle(call, { ...deps, db: trx }), trx)),
    );
  };
}

/** For work that asks Stripe: no transaction may be open meanwhile. `handle` must bear to be begun twice. */
export function repeatableChange(handle: Handle, scope: ApiScope, deps: Deps): RequestHandler {
  return async (request, response) => {
    await once(request, response, scope, deps, async (call, store) => store(await handle(call, deps), deps.db));
  };
}

type Store = (answer: Answer, db: Deps['db']) => Promise<StoredAnswer>;

async function once(
  request: Request,
  response: Response,
  scope: ApiScope,
  deps: Deps,
  work: (call: Call<unknown>, store: Store) => Promise<StoredAnswer>,
): Promise<void> {
  const { id: apiKey, name, scopes } = response.locals.apiKey ?? bug('a change without an API key');
  const { id = '' } = request.params;
  const reading = readingScopeOf(scope);
  const mayRead = reading !== undefined && scopes.includes(reading);
  const call: Call<unknown> = { id: String(id), body: request.body, actor: `key:${name}`, mayRead };
  const keyed = keyedRequest(request, apiKey);
  if (!keyed) {
    send(response, await work(call, async (answer) => asText(answer)));
    return;
  }
  const claimed = await claimRequest(deps.db, keyed);
  if ('stored' in claimed) {
    response.set('Idempotent-Replayed', 'true');
    send(response, claimed.stored);
    return;
  }
  try {
    const done = await work(call, async (answer, db) => {
      const text = asText(answer);
      await storeAnswer(db, keyed, claimed.claim, text);
      return text;
    });
    send(response, done);
  } catch (error) {
    await releaseClaim(deps.db, keyed, claimed.claim).catch((second: unknown) =>
      deps.log.warn('an idempotency key stays claimed for a while', { error: messageOf(second) }),
    );
    throw error;
  }
}

function keyedRequest(request: Request, apiKey: number): KeyedRequest | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined || request.method !== 'POST') return undefined;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new ApiError(
      'unreadable',
      'The Idempotency-Key must be one word of up to 255 ASCII characters, such as a UUID.',
    );
  }
  const content = [request.method, request.baseUrl + request.path, request.body ?? null];
  return { apiKey, key, asSent: hashOf(JSON.stringify(content)), hash: hashOf(canonicalJson(content)) };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

function asText({ status, body }: Answer): StoredAnswer {
  return { status, answer: JSON.stringify(body) };
}

function send(response: Response, { status, answer }: StoredAnswer): void {
  response.status(status).type('json').send(answer);
}
