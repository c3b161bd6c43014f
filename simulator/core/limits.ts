import { rateLimited } from './errors.ts';

/** A token bucket that holds one second's worth. */
class Bucket {
  readonly #perSecond: number;
  #tokens: number;
  #at = performance.now();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  take(): boolean {
    const now = performance.now();
    this.#tokens = Math.min(this.#perSecond, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** Stripe's request limits, in real time: one for the account, one for each endpoint of it. */
export class RequestLimits {
  readonly #buckets = new Map<string, Bucket>();

  check(accountId: string, endpoint: string, limits: { perSecond: number; perEndpoint: number }): void {
    if (!this.#take(accountId, limits.perSecond)) throw rateLimited('global-rate');
    if (!this.#take(`${accountId} ${endpoint}`, limits.perEndpoint)) throw rateLimited('endpoint-rate');
  }

  clear(): void {
    this.#buckets.clear();
  }

  #take(name: string, perSecond: number): boolean {
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      bucket = new Bucket(perSecond);
      this.#buckets.set(name, bucket);
    }
    return bucket.take();
  }
}
