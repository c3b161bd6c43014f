import { writeSync } from 'node:fs';
import http from 'node:http';
import pg from 'pg';

/**
 * Loaded into a command of one process with `node --import`: numbers its database writes and its HTTP requests (which all
 * go to Stripe) and kills it with SIGKILL right before or right after the one that CRASH_AT names: the statement is not sent,
 * or its answer is not seen. Each point is printed on standard error.
 */
const at = Number(process.env.CRASH_AT || 0);
const side = process.env.CRASH_SIDE;
let points = 0;

/** @returns what to call when the answer is there */
function begin(what: string): () => void {
  points += 1;
  const number = points;
  writeSync(2, `point ${number} ${what}\n`);
  if (number === at && side === 'before') process.kill(process.pid, 'SIGKILL');
  return () => {
    if (number === at && side === 'after') process.kill(process.pid, 'SIGKILL');
  };
}

type Method = (this: unknown, ...words: unknown[]) => unknown;

function inFront(owner: object, name: string, wrap: (original: Method) => Method): void {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== 'function') throw new Error(`There is no method ${name} to watch`);
  const method: Method = function (...words) {
    return Reflect.apply(original, this, words);
  };
  Object.defineProperty(owner, name, { configurable: true, writable: true, value: wrap(method) });
}

inFront(
  pg.Client.prototype,
  'query',
  (original) =>
    function (this: unknown, ...words) {
      const write = writeIn(words[0]);
      const callback = words.at(-1);
      if (write === undefined || typeof callback !== 'function') return original.apply(this, words);
      const end = begin(write);
      const watched = (...answer: unknown[]): unknown => {
        end();
        return callback(...answer);
      };
      return original.apply(this, [...words.slice(0, -1), watched]);
    },
);

inFront(
  http,
  'request',
  (original) =>
    function (this: unknown, ...words) {
      const end = begin(requestIn(words[0]));
      const request = original.apply(this, words);
      if (request instanceof http.ClientRequest) request.prependListener('response', end);
      return request;
    },
);

/** `UPDATE payments`, `COMMIT`; undefined for what only reads, begins or sets. */
function writeIn(statement: unknown): string | undefined {
  const text = typeof statement === 'object' && statement !== null && 'text' in statement ? statement.text : statement;
  if (typeof text !== 'string') return undefined;
  const write = /\b(INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)/.exec(text);
  if (write) return `${write[1]} ${write[2]}`;
  return /^\s*COMMIT\b/i.test(text) ? 'COMMIT' : undefined;
}

/** `POST /v1/invoices/{id}/pay` */
function requestIn(options: unknown): string {
  if (typeof options !== 'object' || options === null || !('path' in options) || !('method' in options)) return 'HTTP';
  const path = String(options.path).split('?')[0] ?? '';
  return `${options.method} ${path.replace(/\b[a-z]+_\w*\d\w*/g, '{id}')}`;
}
