import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** A checker of Stripe's contract: each call gives the list of what is wrong, empty when all is well. */
interface Checker {
  request(method: string, url: string, body: string): string[];
  response(method: string, url: string, status: number, json: unknown): string[];
}

export interface Violation {
  side: 'request' | 'response';
  method: string;
  url: string;
  status: number;
  errors: string[];
  sent: string;
}

const MAX_KEPT = 200;

interface Contract {
  checker: Checker;
  /** The URLs that it covers. */
  known: readonly RegExp[];
}

/** One for all simulators of a process: it compiles the description bit by bit, which takes more than a second in all. */
const contracts = new Map<string, Contract>();

function openContract(folder: string): Contract {
  const opened = contracts.get(folder);
  if (opened !== undefined) return opened;
  const require = createRequire(import.meta.url);
  const apiPath = join(folder, 'api.json');
  const checker: Checker = require(join(folder, 'conformance.cjs'))(apiPath, require('ajv'));
  const api: { paths: Record<string, unknown> } = JSON.parse(readFileSync(apiPath, 'utf8'));
  const known = Object.keys(api.paths).map((path) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`));
  // Its first answer has it compile what all objects share, for a second: now, and not while others wait for this process.
  checker.response('GET', '/v1/customers', 200, {});
  contracts.set(folder, { checker, known });
  return { checker, known };
}

/**
 * Checks every request and response against a description of Stripe's API, where there is one: a folder with
 * `conformance.cjs` and `api.json`, named by STRIPE_CONTRACT_DIR. Requests that break the contract and were refused are
 * counted apart: the simulator did right, the caller did not.
 */
export class Conformance {
  readonly #checker: Checker;
  readonly #known: readonly RegExp[];
  readonly violations: Violation[] = [];
  readonly refused: Violation[] = [];
  readonly #print: (line: string) => void;
  requests = 0;
  responses = 0;
  violationCount = 0;
  /** Requests to URLs that the description does not cover, such as the pages of Checkout. */
  unknown = 0;

  constructor(folder: string, print: (line: string) => void) {
    const { checker, known } = openContract(folder);
    this.#checker = checker;
    this.#known = known;
    this.#print = print;
  }

  static fromEnvironment(print: (line: string) => void): Conformance | undefined {
    const folder = process.env.STRIPE_CONTRACT_DIR;
    return folder === undefined || folder === '' ? undefined : new Conformance(folder, print);
  }

  check(method: string, url: string, sent: string, status: number, body: string): void {
    const path = url.split('?')[0] ?? '';
    // A parameter of that name would change the checker's own objects.
    const hostile = sent.includes('__proto__') || url.includes('__proto__');
    if (hostile || !this.#known.some((pattern) => pattern.test(path))) {
      this.unknown++;
      return;
    }
    this.requests++;
    const wrongRequest = this.#checker.request(method, url, sent);
    if (wrongRequest.length > 0) {
      const violation: Violation = { side: 'request', method, url, status, errors: wrongRequest, sent };
      if (status < 400) this.#report(violation);
      else keep(this.refused, violation);
    }
    this.responses++;
    const wrongResponse = this.#checker.response(method, url, status, JSON.parse(body));
    if (wrongResponse.length > 0) {
      this.#report({ side: 'response', method, url, status, errors: wrongResponse, sent });
    }
  }

  summary(): object {
    const { requests, responses, unknown, violationCount, violations, refused } = this;
    return { enabled: true, requests, responses, unknown, violation_count: violationCount, violations, refused };
  }

  clear(): void {
    this.violations.length = 0;
    this.refused.length = 0;
    this.requests = 0;
    this.responses = 0;
    this.unknown = 0;
    this.violationCount = 0;
  }

  #report(violation: Violation): void {
    this.violationCount++;
    keep(this.violations, violation);
    this.#print(`contract violation: ${JSON.stringify(violation)}`);
  }
}

function keep(list: Violation[], violation: Violation): void {
  if (list.length < MAX_KEPT) list.push(violation);
}
