import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { writeSync } from 'node:fs';
import http from 'node:http';
import { Worker } from 'bullmq';
import pg from 'pg';
import { type Crash, type CrashLine, crashPlan } from './crash-plan.ts';

/**
 * Loaded into a worker with `node --import`, or imported by a program that is to be killed. It numbers the database writes and the HTTP requests (which all go to Stripe) of
 * each job and stops the job, for ever, right before or right after the one that CRASH_PLAN names for it: the statement is
 * not sent, or its answer never arrives. When every job of the plan stands still the process kills itself with SIGKILL: a
 * kill -9 with many payments in flight, each at its own point.
 */
const plan = crashPlan(process.env.CRASH_PLAN);
const ended = new Set<string>();

type Job = { event: string; crash: Crash; points: string[] };
type Point = { job: Job; number: number; what: string };
const jobs = new AsyncLocalStorage<Job>();

/** The next point of the job that is running here; undefined outside of a planned job. */
function nextPoint(what: string): Point | undefined {
  const job = jobs.getStore();
  if (!job) return undefined;
  const number = job.points.push(what);
  return { job, number, what };
}

/** Whether the job stops here, which is for ever. */
function stopsAt(point: Point | undefined, side: Crash['side']): boolean {
  if (!point) return false;
  const { job, number, what } = point;
  if (job.crash.side !== side || (job.crash.at !== number && job.crash.what !== what)) return false;
  end({ event: job.event, died: `${side} ${number} ${what}`, points: job.points });
  return true;
}

/** Whether the job that is running here stands still: it is taken for dead, and the dead renew no lease. */
function isOver(): boolean {
  return ended.has(jobs.getStore()?.event ?? '');
}

/** Behind a lock that a job of this process holds for ever a renewal would keep its connection from those that still run. */
function refuse(words: unknown[]): undefined {
  const callback = words.at(-1);
  if (typeof callback === 'function') setImmediate(() => callback(new Error('Its job is dead')));
}

function end(line: CrashLine): void {
  // At once: what is buffered dies with the process.
  writeSync(1, `${JSON.stringify(line)}\n`);
  ended.add(line.event);
  if (ended.size >= plan.size) process.kill(process.pid, 'SIGKILL');
}

/** Runs the work that is planned for this id: to its point, where it stops for ever, or to its end. */
export function runPlanned(id: string, crash: Crash, work: () => Promise<unknown>): Promise<unknown> {
  const job: Job = { event: id, crash, points: [] };
  return jobs.run(job, async () => {
    const result = await work();
    end({ event: id, points: job.points });
    return result;
  });
}

replace(Worker.prototype, 'callProcessJob', (original, worker, words) => {
  const event = idOf(words[0]);
  const crash = plan.get(event) ?? plan.get('any');
  return crash ? runPlanned(event, crash, async () => original(worker, words)) : original(worker, words);
});

replace(pg.Client.prototype, 'query', (original, client, words) => {
  if (isOver() && isRenewal(words[0])) return refuse(words);
  const write = writeIn(words[0]);
  const point = write === undefined ? undefined : nextPoint(write);
  if (stopsAt(point, 'before')) return undefined;
  const callback = words.at(-1);
  if (!point || typeof callback !== 'function') return original(client, words);
  const watched = (...answer: unknown[]): unknown => (stopsAt(point, 'after') ? undefined : callback(...answer));
  return original(client, [...words.slice(0, -1), watched]);
});

replace(http, 'request', (original, module, words) => {
  const [options] = words;
  const point = nextPoint(requestIn(options));
  if (stopsAt(point, 'before')) return Object.assign(new EventEmitter(), { setTimeout() {}, write() {}, end() {} });
  const request = original(module, words);
  if (!(request instanceof http.ClientRequest)) return request;
  replace(request, 'emit', (emit, _, event) =>
    event[0] === 'response' && stopsAt(point, 'after') ? true : emit(request, event),
  );
  return request;
});

type Call = (self: unknown, words: unknown[]) => unknown;

/** Puts a function in front of a method. */
function replace(
  owner: object,
  name: string,
  inFront: (original: Call, self: unknown, words: unknown[]) => unknown,
): void {
  const method: unknown = Reflect.get(owner, name);
  if (typeof method !== 'function') throw new Error(`There is no method ${name} to watch`);
  const original: Call = (self, words) => Reflect.apply(method, self, words);
  function value(this: unknown, ...words: unknown[]): unknown {
    return inFront(original, this, words);
  }
  Object.defineProperty(owner, name, { configurable: true, writable: true, value });
}

function idOf(job: unknown): string {
  return typeof job === 'object' && job !== null && 'id' in job ? String(job.id) : '';
}

/** `UPDATE payments`, `COMMIT`; undefined for what only reads, begins or sets. */
function writeIn(statement: unknown): string | undefined {
  const text = textOf(statement);
  // Renewals of the lease come when they come: points are numbered alike in every run.
  if (isRenewal(statement)) return undefined;
  // Nor is it part of the job that Stripe has answered: that is noted beside it, now and then.
  if (text.startsWith('UPDATE stripe_contact')) return undefined;
  const write = /\b(INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)/.exec(text);
  if (write) return `${write[1]} ${write[2]}`;
  return /^\s*COMMIT\b/i.test(text) ? 'COMMIT' : undefined;
}

function isRenewal(statement: unknown): boolean {
  return /SET lease_until =\s+least/.test(textOf(statement));
}

function textOf(statement: unknown): string {
  const text = typeof statement === 'object' && statement !== null && 'text' in statement ? statement.text : statement;
  return typeof text === 'string' ? text : '';
}

/** `POST /v1/invoices/{id}/pay` */
function requestIn(options: unknown): string {
  if (typeof options !== 'object' || options === null || !('path' in options) || !('method' in options)) return 'HTTP';
  const path = String(options.path).split('?')[0] ?? '';
  return `${options.method} ${path.replace(/\b[a-z]+_\w*\d\w*/g, '{id}')}`;
}
