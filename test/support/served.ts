import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import winston from 'winston';
import { Conformance } from '../../simulator/core/conformance.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import * as api from '../../src/api/start-api.ts';
import { QUEUES, type QueueName } from '../../src/jobs/queues.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLog, type Log } from '../../src/platform/log.ts';
import * as worker from '../../src/workers/start-worker.ts';
import { releaseAfterFile } from './clean-up.ts';
import type { Settings } from './processes.ts';
import { simulatorKey } from './simulator-key.ts';

/**
 * A part of the system, up in the process of the test: it opens what a process of its own would open, and starts in a tenth
 * of the time. What kills one, or looks at its signals, output or clock, starts it with `processes.ts`.
 */
export type Served = {
  /** Where it serves HTTP; empty when it serves none. */
  url: string;
  /** All that it has logged since its start. */
  logs(): string;
  /** Graceful, as by SIGTERM. */
  stop(): Promise<void>;
};

/** PORT defaults to a free port. */
export async function startApi(settings: Settings): Promise<Served> {
  return served(settings, (config, log) => api.startApi(config, log));
}

/** A worker for these queues; none named means all. */
export async function startWorker(queues: readonly QueueName[], settings: Settings): Promise<Served> {
  return served(settings, (config, log) => worker.startWorker(config, queues.length > 0 ? queues : QUEUES, log));
}

type Start = (
  config: ReturnType<typeof loadConfig>,
  log: Log,
) => Promise<{ url?: string | undefined; close(): Promise<void> }>;

async function served(settings: Settings, start: Start): Promise<Served> {
  if (settings.NODE_OPTIONS) throw new Error('Bug: options of Node need a process of its own');
  const config = loadConfig({ PORT: '0', HOST: '127.0.0.1', ...settings });
  const lines: string[] = [];
  const stream = new Writable({
    write(line, _, done) {
      lines.push(String(line));
      done();
    },
  });
  const log = createLog(config.LOG_LEVEL, {}, new winston.transports.Stream({ stream }));
  const { url = '', close } = await start(config, log);
  return { url, logs: () => lines.join(''), stop: onceAfterFile(close) };
}

/** An account at a simulated Stripe. */
export type StripeAccount = {
  url: string;
  /** The secret key that opens it. */
  key: string;
};

/** One simulator serves all files that a process of the tests runs. Its first account is nobody's. */
let simulated: Promise<Simulator> | undefined;

async function startShared(): Promise<Simulator> {
  const conformance = Conformance.fromEnvironment(() => {});
  const started = await startSimulator({ keys: [simulatorKey], conformance });
  started.unref();
  return started;
}

/**
 * An account of its own, empty, with its own time; it is closed after the file. Where Stripe's contract is at hand
 * (STRIPE_CONTRACT_DIR), every request and response is checked by it, and a violation fails the file at its end.
 */
export async function openStripeAccount(webhook?: { url: string; secret: string }): Promise<StripeAccount> {
  simulated ??= startShared();
  const { world, url } = await simulated;
  const account = world.open(`sk_test_${randomUUID().replaceAll('-', '')}`);
  if (webhook) world.listen(account, webhook.url, webhook.secret);
  releaseAfterFile(async () => world.close(account));
  const { conformance } = world;
  if (conformance) releaseAfterFile(async () => expectNoViolation(conformance));
  return { url, key: account.key };
}

/** The files of a process run one after the other, so what has gone wrong is of the file that ends. */
function expectNoViolation(conformance: Conformance): void {
  const { violationCount, violations } = conformance;
  const examples = JSON.stringify(violations.slice(0, 3), null, 2);
  conformance.clear();
  if (violationCount > 0) throw new Error(`${violationCount} violations of Stripe's contract, such as ${examples}`);
}

/** @returns how to close it before the end of the file */
function onceAfterFile(close: () => Promise<void>): () => Promise<void> {
  let closed: Promise<void> | undefined;
  const once = (): Promise<void> => (closed ??= close());
  releaseAfterFile(once);
  return once;
}
