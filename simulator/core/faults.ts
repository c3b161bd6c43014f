import { seeded } from './random.ts';

/**
 * What can go wrong with a request:
 * latency        it takes `ms` longer (half before it is executed, half after; see `where`)
 * drop           it is executed and the connection is cut instead of an answer
 * error_after    it is executed and answers 500, which its idempotency key replays
 * error_before   it answers `status` (500 or 503) and nothing was executed
 * rate_limit     429 code rate_limit with stripe-should-retry: false, nothing executed
 * refuse         400 invalid_request_error without a code, nothing executed
 * lock_timeout   429 code lock_timeout with stripe-should-retry: true, nothing executed
 * reset          the connection is reset, nothing executed
 */
export const faultKinds = [
  'latency',
  'drop',
  'error_after',
  'error_before',
  'rate_limit',
  'refuse',
  'lock_timeout',
  'reset',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface FaultRule {
  kind: FaultKind;
  /** GET, POST, DELETE; all when absent. */
  method?: string | undefined;
  /** A template (`/v1/invoices/{id}/pay`), a concrete path, or a prefix with a final `*`. */
  path: string;
  /** How many requests it hits; unlimited when absent. */
  count?: number | undefined;
  /** Matching requests that pass before it begins. */
  skip?: number | undefined;
  /** Chance for each matching request, 0..1, drawn from `seed`. */
  rate?: number | undefined;
  seed?: number | undefined;
  ms?: number | undefined;
  where?: 'before' | 'after' | 'split' | undefined;
  status?: number | undefined;
}

interface ActiveRule extends FaultRule {
  id: string;
  hits: number;
  seen: number;
  random: () => number;
}

/** The faults that strike one request. */
export interface Strike {
  kinds: FaultKind[];
  waitBeforeMs: number;
  waitAfterMs: number;
  before: { kind: 'error_before' | 'rate_limit' | 'refuse' | 'lock_timeout' | 'reset'; status: number } | undefined;
  after: 'drop' | 'error_after' | undefined;
}

export class Faults {
  readonly #rules: ActiveRule[] = [];
  #next = 1;

  add(rule: FaultRule): string {
    const id = `fault_${this.#next++}`;
    this.#rules.push({ ...rule, id, hits: 0, seen: 0, random: seeded(rule.seed ?? 1) });
    return id;
  }

  list(): object[] {
    return this.#rules.map(({ random: _, ...rule }) => rule);
  }

  remove(id: string): boolean {
    const index = this.#rules.findIndex((rule) => rule.id === id);
    if (index >= 0) this.#rules.splice(index, 1);
    return index >= 0;
  }

  clear(): void {
    this.#rules.length = 0;
  }

  /** Draws the faults for a request and counts them. */
  strike(method: string, template: string, path: string): Strike {
    const strike: Strike = { kinds: [], waitBeforeMs: 0, waitAfterMs: 0, before: undefined, after: undefined };
    for (const rule of this.#rules) {
      if (matches(rule, method, template, path) && fires(rule)) apply(rule, strike);
    }
    return strike;
  }
}

function matches(rule: FaultRule, method: string, template: string, path: string): boolean {
  if (rule.method !== undefined && rule.method !== method) return false;
  if (rule.path.endsWith('*')) return path.startsWith(rule.path.slice(0, -1));
  return rule.path === template || rule.path === path;
}

function fires(rule: ActiveRule): boolean {
  if (rule.count !== undefined && rule.hits >= rule.count) return false;
  rule.seen++;
  if (rule.seen <= (rule.skip ?? 0)) return false;
  if (rule.rate !== undefined && rule.random() >= rule.rate) return false;
  rule.hits++;
  return true;
}

function apply(rule: FaultRule, strike: Strike): void {
  strike.kinds.push(rule.kind);
  switch (rule.kind) {
    case 'latency': {
      const ms = rule.ms ?? 100;
      const where = rule.where ?? 'split';
      strike.waitBeforeMs += where === 'before' ? ms : where === 'split' ? ms / 2 : 0;
      strike.waitAfterMs += where === 'after' ? ms : where === 'split' ? ms / 2 : 0;
      return;
    }
    case 'drop':
    case 'error_after':
      strike.after ??= rule.kind;
      return;
    default:
      strike.before ??= { kind: rule.kind, status: rule.status ?? 500 };
  }
}
