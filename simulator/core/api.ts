import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './account.ts';
import { accountOf } from './authentication.ts';
import { Context } from './context.ts';
import { apiError, errorBody, invalidParam, lockTimeout, rateLimited, refusedForNow, StripeError } from './errors.ts';
import { expandAll, type MergedExpansions, mergeExpansions } from './expand.ts';
import type { Strike } from './faults.ts';
import { type FormMap, formToJson, parseForm } from './form.ts';
import type { SavedAnswer } from './idempotency.ts';
import { type Match, Router } from './router.ts';
import type { Resource, Route } from './routes.ts';
import type { World } from './world.ts';

export interface ApiRequest {
  method: string;
  /** Path and query. */
  url: string;
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
}

/** `reset` and `drop` are connections that end without an answer. */
export type ApiAnswer = { status: number; headers: Record<string, string>; body: string } | 'reset' | 'drop';

/** One request on its way, with what the log will say about it. */
interface Passage {
  id: string;
  request: ApiRequest;
  path: string;
  key: string | undefined;
  account: Account | undefined;
  match: Match<Route> | undefined;
  form: FormMap;
  strike: Strike | undefined;
  replayed: boolean;
  executed: boolean;
  headers: Record<string, string>;
}

/** The `/v1` API: from an HTTP request to the answer that Stripe would give. */
export class Api {
  readonly #world: World;
  readonly #router: Router<Route>;
  readonly #expansions: MergedExpansions;
  /** Objects that a write is working on, by account and id. */
  readonly #locked = new Set<string>();

  constructor(world: World, resources: readonly Resource[]) {
    this.#world = world;
    this.#router = new Router(resources.flatMap(({ routes }) => routes));
    this.#expansions = mergeExpansions(resources.map(({ expansions }) => expansions));
  }

  async answer(request: ApiRequest): Promise<ApiAnswer> {
    const began = performance.now();
    const passage = this.#open(request);
    let answer: ApiAnswer;
    try {
      answer = await this.#pass(passage);
    } catch (error) {
      answer = this.#fail(passage, error);
    }
    this.#record(passage, answer, performance.now() - began);
    return answer;
  }

  #open(request: ApiRequest): Passage {
    const [path = '', query = ''] = request.url.split('?', 2);
    const form = parseForm(request.body === '' ? query : query === '' ? request.body : `${query}&${request.body}`);
    return {
      id: this.#world.ids.make('req_'),
      request,
      path,
      key: request.method === 'POST' ? request.headers['idempotency-key'] : undefined,
      account: undefined,
      match: undefined,
      form,
      strike: undefined,
      replayed: false,
      executed: false,
      headers: {},
    };
  }

  async #pass(passage: Passage): Promise<ApiAnswer> {
    const { request, path } = passage;
    const account = accountOf(this.#world, request.headers.authorization);
    const { settings, limits, faults } = account;
    passage.account = account;
    passage.match = this.#router.find(request.method, path);
    const { template } = passage.match.route;
    if (settings.limits !== undefined) limits.check(account.id, `${request.method} ${template}`, settings.limits);
    const strike = faults.strike(request.method, template, path);
    passage.strike = strike;
    checkVersion(request.headers['stripe-version']);
    if (passage.key === undefined) return this.#locking(passage, account, passage.match, strike);

    const fingerprint = JSON.stringify(formToJson(passage.form));
    const saved = account.idempotencyKeys.begin(passage.key, path, fingerprint, account.clock.now());
    passage.headers['Idempotency-Key'] = passage.key;
    if (saved !== undefined) return this.#replay(passage, saved, strike);
    try {
      return await this.#locking(passage, account, passage.match, strike);
    } finally {
      // Whatever was executed has been kept by now; the rest leaves the key free again.
      account.idempotencyKeys.release(passage.key);
    }
  }

  async #locking(passage: Passage, account: Account, match: Match<Route>, strike: Strike): Promise<ApiAnswer> {
    const [objectId] = match.ids.values();
    if (passage.request.method === 'GET' || objectId === undefined || !account.settings.locks) {
      return this.#execute(passage, account, match, strike);
    }
    const lock = `${account.id} ${objectId}`;
    if (this.#locked.has(lock)) throw lockTimeout();
    this.#locked.add(lock);
    try {
      return await this.#execute(passage, account, match, strike);
    } finally {
      this.#locked.delete(lock);
    }
  }

  async #execute(passage: Passage, account: Account, match: Match<Route>, strike: Strike): Promise<ApiAnswer> {
    if (strike.waitBeforeMs > 0) await sleep(strike.waitBeforeMs);
    if (strike.before?.kind === 'reset') return 'reset';
    if (strike.before?.kind === 'rate_limit') throw rateLimited('global-rate');
    if (strike.before?.kind === 'lock_timeout') throw lockTimeout();
    if (strike.before?.kind === 'refuse') throw refusedForNow();
    if (strike.before !== undefined) throw apiError(strike.before.status, true);

    const prepared = match.route.prepare(passage.form, match.ids, this.#isCurrent(passage));
    const cause = { requestId: passage.id, idempotencyKey: passage.key ?? null };
    const context = new Context(this.#world, account, cause);
    passage.executed = true;
    let saved: SavedAnswer;
    try {
      const result = prepared.execute(context);
      const shown = expandAll(context, result, prepared.expand, this.#expansions);
      saved = { status: 200, body: JSON.stringify(shown), requestId: passage.id };
    } catch (error) {
      if (!(error instanceof StripeError) || error.beforeExecution) throw error;
      saved = this.#saved(passage, error);
    }
    if (strike.after === 'error_after') saved = this.#saved(passage, apiError(500, false));
    if (passage.key !== undefined) account.idempotencyKeys.finish(passage.key, saved);
    if (strike.waitAfterMs > 0) await sleep(strike.waitAfterMs);
    return strike.after === 'drop' ? 'drop' : this.#send(passage, saved);
  }

  async #replay(passage: Passage, saved: SavedAnswer, strike: Strike): Promise<ApiAnswer> {
    passage.replayed = true;
    const wait = strike.waitBeforeMs + strike.waitAfterMs;
    if (wait > 0) await sleep(wait);
    if (strike.before?.kind === 'reset') return 'reset';
    if (strike.after === 'drop') return 'drop';
    passage.headers['Idempotent-Replayed'] = 'true';
    passage.headers['Original-Request'] = saved.requestId;
    return this.#send(passage, saved);
  }

  /** Whether the request speaks the current version: no version means the account's own, which may be an older one. */
  #isCurrent({ request }: Passage): boolean {
    return (request.headers['stripe-version'] ?? '') >= this.#world.settings.apiVersion.slice(0, 10);
  }

  #saved(passage: Passage, error: StripeError): SavedAnswer {
    const livemode = passage.account?.livemode ?? false;
    Object.assign(passage.headers, error.headers);
    return {
      status: error.status,
      body: JSON.stringify(errorBody(error, passage.id, livemode)),
      requestId: passage.id,
    };
  }

  #fail(passage: Passage, error: unknown): ApiAnswer {
    if (error instanceof StripeError) return this.#send(passage, this.#saved(passage, error));
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`simulator bug in ${passage.request.method} ${passage.path}: ${text}\n`);
    const bug = new StripeError(
      500,
      'api_error',
      `simulator bug: ${text.split('\n')[0]}`,
      {},
      { beforeExecution: true },
    );
    return this.#send(passage, this.#saved(passage, bug));
  }

  #send(passage: Passage, { status, body }: SavedAnswer): ApiAnswer {
    const { headers } = passage.request;
    const headersOut: Record<string, string> = {
      'Content-Type': 'application/json',
      'Request-Id': passage.id,
      'Stripe-Version': headers['stripe-version'] ?? this.#world.settings.apiVersion,
      ...passage.headers,
    };
    const connected = headers['stripe-account'];
    if (connected !== undefined) headersOut['Stripe-Account'] = connected;
    return { status, headers: headersOut, body };
  }

  #record(passage: Passage, answer: ApiAnswer, ms: number): void {
    const { request } = passage;
    const status = typeof answer === 'string' ? 0 : answer.status;
    // Who has no account is shown to whoever looks at the first one.
    (passage.account ?? this.#world.firstAccount()).log.add({
      id: passage.id,
      account: passage.account?.id ?? null,
      method: request.method,
      template: passage.match?.route.template ?? passage.path,
      url: request.url,
      status,
      idempotencyKey: passage.key ?? null,
      replayed: passage.replayed,
      executed: passage.executed,
      faults: passage.strike?.kinds ?? [],
      ms: Math.round(ms * 10) / 10,
      form: passage.form,
    });
    // The description is of the current version only.
    if (typeof answer !== 'string' && this.#isCurrent(passage)) {
      this.#world.conformance?.check(request.method, request.url, request.body, status, answer.body);
    }
  }
}

function checkVersion(version: string | undefined): void {
  if (version === undefined || /^\d{4}-\d{2}-\d{2}(\.[a-z]+)?(; ?\w+=\w+)*$/.test(version)) return;
  throw invalidParam(`Invalid Stripe API version: ${version}`, 'Stripe-Version');
}
