import { type FormMap, formToJson } from './form.ts';

/** One API request as it was served. `status` 0: no answer was sent. `ms` includes injected latency. */
export interface LoggedRequest {
  sequence: number;
  id: string;
  account: string | null;
  method: string;
  template: string;
  url: string;
  status: number;
  idempotencyKey: string | null;
  /** Answered from its idempotency key. */
  replayed: boolean;
  /** The handler ran, so a write has happened if the status or the fault does not say otherwise. */
  executed: boolean;
  faults: readonly string[];
  ms: number;
  form: FormMap;
}

export interface LogFilter {
  method?: string | undefined;
  template?: string | undefined;
  idempotencyKey?: string | undefined;
  executed?: boolean | undefined;
  since?: number | undefined;
}

/** The last requests, and counts since the last clear. */
export class RequestLog {
  readonly #max: number;
  #entries: LoggedRequest[] = [];
  #sequence = 0;
  #counts = new Map<string, { requests: number; executed: number; replayed: number; errors: number }>();

  constructor(max: number) {
    this.#max = max;
  }

  add(entry: Omit<LoggedRequest, 'sequence'>): void {
    this.#entries.push({ sequence: ++this.#sequence, ...entry });
    if (this.#entries.length > this.#max * 1.1) this.#entries = this.#entries.slice(-this.#max);
    const name = `${entry.method} ${entry.template}`;
    const count = this.#counts.get(name) ?? { requests: 0, executed: 0, replayed: 0, errors: 0 };
    count.requests++;
    if (entry.executed) count.executed++;
    if (entry.replayed) count.replayed++;
    if (entry.status === 0 || entry.status >= 400) count.errors++;
    this.#counts.set(name, count);
  }

  /** Oldest first. */
  list(filter: LogFilter): object[] {
    return this.#entries
      .filter(
        (entry) =>
          (filter.method === undefined || entry.method === filter.method) &&
          (filter.template === undefined || entry.template === filter.template) &&
          (filter.idempotencyKey === undefined || entry.idempotencyKey === filter.idempotencyKey) &&
          (filter.executed === undefined || entry.executed === filter.executed) &&
          (filter.since === undefined || entry.sequence > filter.since),
      )
      .map(({ form, idempotencyKey, ...rest }) => ({
        ...rest,
        idempotency_key: idempotencyKey,
        form: formToJson(form),
      }));
  }

  counts(): object {
    return Object.fromEntries(this.#counts);
  }

  clear(): void {
    this.#entries = [];
    this.#counts = new Map();
  }
}
