import { StripeError } from './errors.ts';

/** A finished answer, as it is replayed: body text included, byte for byte. */
export interface SavedAnswer {
  status: number;
  body: string;
  requestId: string;
}

interface Entry {
  path: string;
  fingerprint: string;
  createdAt: number;
  answer: SavedAnswer | undefined;
}

/** Keys are remembered for 24 hours of simulated time (https://docs.stripe.com/api/idempotent_requests). */
const KEPT_SECONDS = 24 * 3600;

const before = { beforeExecution: true };

/**
 * The idempotency keys of one account. `begin` claims a key or gives the answer to replay; `finish` keeps an answer;
 * `release` comes last, always, and frees the key of a request that was not executed.
 */
export class IdempotencyKeys {
  readonly #entries = new Map<string, Entry>();

  begin(key: string, path: string, fingerprint: string, now: number): SavedAnswer | undefined {
    if (key.length > 255) {
      const message = `Idempotency keys must be at most 255 characters; yours has ${key.length}.`;
      throw new StripeError(400, 'invalid_request_error', message, {}, before);
    }
    this.#forgetExpired(now);
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#entries.set(key, { path, fingerprint, createdAt: now, answer: undefined });
      return undefined;
    }
    if (entry.path !== path) {
      const message = `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${path}' vs '${entry.path}'). Try using a key other than '${key}' if you meant to execute a different request.`;
      throw new StripeError(400, 'idempotency_error', message, {}, before);
    }
    if (entry.fingerprint !== fingerprint) {
      const message = `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`;
      throw new StripeError(400, 'idempotency_error', message, {}, before);
    }
    if (entry.answer === undefined) {
      const message = `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`;
      throw new StripeError(409, 'idempotency_error', message, { code: 'idempotency_key_in_use' }, before);
    }
    return entry.answer;
  }

  finish(key: string, answer: SavedAnswer): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.answer = answer;
  }

  /** Frees a key whose request was never executed; a finished one stays. */
  release(key: string): void {
    if (this.#entries.get(key)?.answer === undefined) this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  get size(): number {
    return this.#entries.size;
  }

  #forgetExpired(now: number): void {
    // Oldest first: the map keeps the order of insertion.
    for (const [key, entry] of this.#entries) {
      if (entry.createdAt + KEPT_SECONDS > now) return;
      if (entry.answer !== undefined) this.#entries.delete(key);
    }
  }
}
